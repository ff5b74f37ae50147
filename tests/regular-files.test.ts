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
  'src/base/held-path.ts': 'opens a place, not what is in it',
  'src/base/file-lock.ts': 'makes its own file exclusively',
  'src/base/descriptors.ts': 'reads from /proc',
  'src/exec/descriptors.ts': 'opens /dev/null',
  'src/exec/placeholders.ts': 'reads from /proc',
  'src/exec/pipes.ts': 'opens pipes of its own without waiting',
  'src/patch/placement.ts': 'makes its own file exclusively',
  'src/rollout/append.ts': 'makes its own file exclusively',
  'src/rollout/write-anew.ts': 'makes its own file exclusively',
  'src/search/folder-watcher.ts': 'reads from /proc',
  'src/start.ts': 'loads the programs of this package',
  'src/transport/stdio.ts': 'streams on descriptors that are open already',
  'src/transport/terminal.ts': 'opens the terminal that it was started on, without waiting',
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
