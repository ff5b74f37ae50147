import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

/** Files of a home and a workspace that a thread's start looks at; relative to the box. */
const FILES = [
  'home/AGENTS.md',
  'home/AGENTS.override.md',
  'home/models_cache.json',
  'home/.env',
  'home/history.jsonl',
  'home/rules/default.rules',
  'home/skills/one/SKILL.md',
  'work/AGENTS.md',
  'work/.codex/skills/two/SKILL.md',
];

test('regular-files: named pipes in the place of files hold up no thread, no turn and no list', async () => {
  await using box = await Box.open({
    prepare: ({ folder }) => {
      for (const path of FILES.map((name) => join(folder, name))) {
        mkdirSync(dirname(path), { recursive: true });
        execFileSync('mkfifo', [path]);
      }
    },
  });
  // More than there are threads that could be held up.
  const threads = await Promise.all(Array.from({ length: 6 }, () => box.thread()));
  const { data } = await box.call('skills/list', { cwds: [box.workspace] });
  assert.equal(data.length, 1);
  box.model.script(stream(says('hello')));
  await box.completed(threads[0] ?? '', 'go');
  box.client.endInput();
  assert.deepEqual(await box.client.server.exit(), { code: 0, signal: null });
});
