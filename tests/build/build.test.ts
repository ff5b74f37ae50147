/** Builds beside servers that run, and what counts as a change. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RawClient } from '../support/raw-client.ts';
import { ProjectCopy } from './project-copy.ts';

const LONG_AGO = new Date('2020-01-01');

/** Built once, copied by every test. */
const original = new ProjectCopy();
before(() => {
  const { status, stderr } = original.build();
  assert.deepEqual([status, stderr], [0, '']);
});
after(() => original[Symbol.dispose]());
const built = (): ProjectCopy => new ProjectCopy(original);

/** Files of the build with the time and the identity of each. */
const filesOf = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
      const { mtimeMs, ino } = statSync(join(folder, name));
      return [name, `${mtimeMs} ${ino}`];
    }),
  );

test('a server goes on with the build it was started from, which goes when nobody uses it any more', async () => {
  using copy = built();
  const [first = ''] = copy.builds();
  const place = copy.path('dist', 'builds', first);
  assert.equal(statSync(place).mode & 0o777, 0o755, 'other users may run it');
  const client = new RawClient({ program: copy.path('dist/main.js'), cwd: copy.root });
  try {
    await client.initialize();
    copy.setVersion('7.7.7');
    assert.equal(copy.build().status, 0);
    assert.equal(copy.version(), 'codex-cli 7.7.7');
    utimesSync(join(place, 'superseded'), LONG_AGO, LONG_AGO);
    copy.setVersion('8.8.8');
    assert.equal(copy.build().status, 0);
    // All of this is loaded only when it is asked for: the application, the search threads, the lister, a shard.
    const { files } = await client.call('fuzzyFileSearch', { query: 'router', roots: [copy.path('src')] });
    assert.ok(files.length > 0);
    await client.call('skills/list', {});
    await client.call('thread/list', {});
    await client.call('thread/start', { cwd: copy.root });
    assert.equal(copy.builds().length, process.platform === 'linux' ? 3 : 2);
  } finally {
    await client[Symbol.asyncDispose]();
  }
  assert.equal(copy.build().status, 0);
  assert.ok(!existsSync(place), 'it is superseded and not in use');
  assert.equal(copy.builds().length, 2, 'the one before was the newest a moment ago');
  assert.equal(copy.version(), 'codex-cli 8.8.8');
});

test('nothing is written when nothing has changed, and going back to older sources takes the older build', () => {
  using copy = built();
  const before = filesOf(copy.path('dist'));
  assert.equal(copy.build().status, 0);
  assert.deepEqual(filesOf(copy.path('dist')), before);
  copy.setVersion('7.7.7');
  assert.equal(copy.build().status, 0);
  copy.setVersion('0.100.0');
  assert.equal(copy.build().status, 0);
  assert.equal(copy.version(), 'codex-cli 0.100.0');
  assert.equal(copy.builds().length, 2);
});

test('inputs are what is in the files and what they are called', () => {
  using copy = new ProjectCopy();
  const script = "import('./src/build/inputs.mjs').then(({ nameOfInputs }) => console.log(nameOfInputs()))";
  const name = (): string => copy.node('-e', script).stdout;
  const first = name();
  assert.match(first, /^[0-9a-f]{16}\n$/);
  const changes: readonly (readonly [change: () => void, undo: () => void])[] = [
    [() => copy.setVersion('7.7.7'), () => copy.setVersion('0.100.0')],
    [
      () => renameSync(copy.path('src/skills'), copy.path('src/got')),
      () => renameSync(copy.path('src/got'), copy.path('src/skills')),
    ],
    [() => writeFileSync(copy.path('src/new.ts'), ''), () => rmSync(copy.path('src/new.ts'))],
    [
      () => renameSync(copy.path('workers/list.ts'), copy.path('list.ts')),
      () => renameSync(copy.path('list.ts'), copy.path('workers/list.ts')),
    ],
    [() => writeFileSync(copy.path('src/build/extra.mjs'), '1'), () => rmSync(copy.path('src/build/extra.mjs'))],
  ];
  const names = changes.map(([change, undo]) => {
    change();
    const changed = name();
    undo();
    assert.equal(name(), first);
    return changed;
  });
  assert.equal(new Set([first, ...names]).size, changes.length + 1);
  utimesSync(copy.path('src/main.ts'), LONG_AGO, LONG_AGO);
  assert.equal(name(), first, 'times say nothing');
});
