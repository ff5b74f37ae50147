import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { projectRoot, readProjectFile } from './support/project.ts';

/** What opens a file by its name and may wait for ever. `src/base/regular-file.ts` does the same with care. */
const OPENERS = /\b(?:readFile|readFileSync|openSync|open|createReadStream)\b/;

/** Import lines of the file system's modules that take one of them. */
const importsOpener = (text: string): boolean =>
  [...text.matchAll(/import \{([^}]*)\} from 'node:fs(?:\/promises)?';/g)].some(([, names = '']) =>
    OPENERS.test(names),
  );

/** Files that may, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'src/base/regular-file.ts': 'the one place that opens with care',
  'src/base/file-lock.ts': 'makes its own file exclusively',
  'src/exec/pipes.ts': 'opens pipes of its own without waiting',
  'src/start.ts': 'loads the programs of this package',
  'src/transport/stdio.ts': 'streams on descriptors that are open already',
  'src/account/credentials-file.ts': 'not converted yet',
  'src/config/derive.ts': 'not converted yet',
  'src/config/edit/write-file.ts': 'not converted yet',
  'src/config/git-root.ts': 'not converted yet',
  'src/config/layers.ts': 'not converted yet',
  'src/config/requirements.ts': 'not converted yet',
  'src/config/skill-settings.ts': 'not converted yet',
  'src/engine/image-file.ts': 'not converted yet',
  'src/engine/tools/patch.ts': 'not converted yet',
  'src/exec/writable-roots.ts': 'not converted yet',
  'src/patch/apply.ts': 'not converted yet',
  'src/patch/tracked-file.ts': 'not converted yet',
  'src/rollout/append.ts': 'not converted yet',
  'src/rollout/head.ts': 'not converted yet',
  'src/rollout/line-scan.ts': 'not converted yet',
  'src/rollout/line-window.ts': 'not converted yet',
  'src/rollout/list-index/index-file.ts': 'not converted yet',
  'src/rollout/list-index/name-book.ts': 'not converted yet',
  'src/rollout/read.ts': 'not converted yet',
  'src/rollout/thread-names.ts': 'not converted yet',
  'src/search/folder-watcher.ts': 'not converted yet',
  'src/search/git-files.ts': 'not converted yet',
  'src/upstream/dispatcher.ts': 'not converted yet',
};

/** The demonstration and the build are programs of their own, on files of their own. */
const isServer = (path: string): boolean => !/^src\/(?:demo|build)\//.test(path);

test('files are opened by src/base/regular-file.ts only, but for those that say why', () => {
  const found = ['src', 'workers']
    .flatMap((folder) =>
      readdirSync(`${projectRoot()}/${folder}`, { recursive: true, encoding: 'utf8' }).map(
        (name) => `${folder}/${name}`,
      ),
    )
    .filter((path) => path.endsWith('.ts') && isServer(path) && importsOpener(readProjectFile(path)));
  const unknown = found.filter((path) => EXCEPTIONS[path] === undefined);
  assert.deepEqual(unknown, [], 'use src/base/regular-file.ts, or say here why not');
  const stale = Object.keys(EXCEPTIONS).filter((path) => !found.includes(path));
  // A file that was converted meanwhile leaves the table.
  assert.deepEqual(stale, [], 'take these out of the table');
});
