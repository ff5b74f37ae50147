import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot, readProjectFile } from '../../support/project.ts';
import { distFolder } from '../../support/server.ts';
import { TempFolder } from './support/temp-folder.ts';

test('the engine in the instructions can be pasted and is measured beside ours, with right answers', async () => {
  const instructions = readProjectFile('bench/search/README.md');
  const [, source = '', command = ''] = /<<'END'\n(.*?)\nEND\n(npm run bench:search .*?)\n/s.exec(instructions) ?? [];
  assert.match(command, /--add "mine=lines:node my-engine\.mjs"/);
  using temp = new TempFolder();
  const [engine, json, queries] = ['my-engine.mjs', 'out.json', 'queries'].map((name) => join(temp.path, name));
  writeFileSync(engine ?? '', source);
  writeFileSync(queries ?? '', 'index.ts\n');
  const add = ['--add', `mine=lines:'${process.execPath}' '${engine}'`];
  const args = ['--files', '90', '--rounds', '1', '--budget', '1', '--settling', '2', '--engines', 'fzf', ...add];
  const program = join(distFolder(), 'bench/search/run.js');
  const out = ['--queries', queries ?? '', '--json', json ?? ''];
  await promisify(execFile)(process.execPath, [program, ...args, ...out], { cwd: projectRoot() });
  const { notes, trees } = JSON.parse(readFileSync(json ?? '', 'utf8'));
  assert.deepEqual(notes, [], 'also changes were answered right');
  const lag = trees[0].figures.find(({ name }: { name: string }) => name === 'lag');
  assert.ok(lag.engines.mine.n >= 3);
});
