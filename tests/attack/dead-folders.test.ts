/**
 * Folders whose file system does not answer, as on a mount whose server is gone: one root's trouble is nobody else's. They are given up
 * after a second; the server would wait for minutes before it answers with what there is so far.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { patientTimers } from '../support/server.ts';

const HOOK = new URL('support/dead-folders.main.js', import.meta.url).href;

const skip = process.platform === 'win32' && 'there are no named pipes';

/** A server to which some paths of its workspace are dead; `revive` has them answer. */
async function serverWithDead(dead: readonly string[], tables = '') {
  const prepare = (box: Box): void => {
    const { workspace } = box;
    execFileSync('mkfifo', [join(box.folder, 'pipe')]);
    for (let at = 0; at < 400; at++) box.write(`a/d${at % 40}/e${at % 9}/file-${at}`, '');
    for (const path of ['a/main', 'a/dead/main', 'a/.gitignore', 'b/main', 'b/in/main', 'elsewhere/main'])
      box.write(path, '');
    symlinkSync(join(workspace, 'elsewhere'), join(workspace, 'a/link'));
  };
  const box = await Box.open({ tables, prepare, start: false });
  const pipe = join(box.folder, 'pipe');
  const paths = dead.map((path) => join(box.workspace, path));
  await box.start({ NODE_OPTIONS: `${patientTimers()} --import=${HOOK}`, DEAD: paths.join('\n'), DEAD_PIPE: pipe });
  // As long as a pipe is open both ways, everybody else is let in.
  let open: number | undefined;
  const revive = (): void => {
    open ??= openSync(pipe, 'r+');
  };
  const end = async (): Promise<void> => {
    revive();
    await box[Symbol.asyncDispose]();
    if (open !== undefined) closeSync(open);
  };
  return { box, paths, revive, [Symbol.asyncDispose]: end };
}

async function found(box: Box, ...folders: readonly string[]): Promise<string[]> {
  const roots = folders.map((folder) => join(box.workspace, folder));
  const { files } = await box.call('fuzzyFileSearch', { query: 'main', roots });
  return files.map(({ path }: { path: string }) => path).sort();
}

interface Case {
  /** Relative to the workspace. */
  readonly dead: string;
  readonly root?: string;
  readonly tables?: string;
  /** What is found meanwhile. */
  readonly meanwhile: readonly string[];
}

const NO_INDEX = '[file_search]\nmax_indexed_files = 2\n';

const CASES: Readonly<Record<string, Case>> = {
  'a folder': { dead: 'a/dead', meanwhile: ['link/main', 'main'] },
  'a folder that a link leads to': { dead: 'a/link', meanwhile: ['dead/main', 'main'] },
  'a folder far below': { dead: 'a/d7/e7', meanwhile: ['dead/main', 'link/main', 'main'] },
  'a file of rules': { dead: 'a/.gitignore', meanwhile: ['dead/main', 'link/main', 'main'] },
  'a root': { dead: 'a', meanwhile: [] },
  'the folder around a root': { dead: 'a', root: 'a/dead', meanwhile: [] },
  'a folder of a tree too large for an index': { dead: 'a/dead', tables: NO_INDEX, meanwhile: ['link/main', 'main'] },
};

for (const [what, { dead, root = 'a', tables = '', meanwhile }] of Object.entries(CASES)) {
  test(`${what} that does not answer holds up no search, its own root's neither`, {
    skip,
  }, async () => {
    await using server = await serverWithDead([dead], tables);
    const { box, paths, revive } = server;
    await found(box, 'elsewhere'); // starts all that a search needs
    const answers = await Promise.all([found(box, root), found(box, 'b'), found(box, 'b', root)]);
    assert.deepEqual(answers, [[...meanwhile], ['in/main', 'main'], [...meanwhile, 'in/main', 'main'].sort()]);
    const { params } = await box.client.takeMethod('configWarning');
    assert.ok(params.summary.includes(`below ${paths[0]}`), params.summary);
    assert.match(params.summary, /does not answer/);
    assert.deepEqual(await found(box, root), [...meanwhile]);
    revive();
    const whole = root === 'a' ? ['dead/main', 'link/main', 'main'] : ['main'];
    const untilMs = performance.now() + PATIENCE_MS;
    while (String(await found(box, root)) !== String(whole)) assert.ok(performance.now() < untilMs, 'found again');
  });
}

test('the process ends in time while a thread is stuck that has been given up', { skip }, async () => {
  await using server = await serverWithDead(['a/dead']);
  const { client } = server.box;
  assert.deepEqual(await found(server.box, 'a'), ['link/main', 'main']);
  client.endInput();
  const { code, signal } = await client.server.exit();
  assert.ok(code === 0 || signal === 'SIGKILL', `${code} ${signal}`);
});

test('folders that do not answer are given up one after the other, and no more threads than are bounded', {
  skip,
}, async () => {
  const dead = Array.from({ length: 40 }, (_, at) => `a/d${at}`);
  await using server = await serverWithDead(dead);
  const { box } = server;
  void found(box, 'a').catch(() => undefined);
  await found(box, 'b'); // several folders may be given up meanwhile
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(await found(box, 'b'), ['in/main', 'main']);
  }
});
