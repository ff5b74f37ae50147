/**
 * What test files run in: an environment that says nothing about whose terminal or machine this is, and folders that go away with the
 * run. In: the environment of the runner. Owns the folders.
 */
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** What programs need to start, and the settings of tests themselves. Everything else would change what is tested. */
const KEPT_VARIABLES = [
  /^(PATH|SHELL|USER|LOGNAME|LD_LIBRARY_PATH)$/i,
  /^(SEED|SOAK_\w+|SEARCH_TREE|PARITY_ONLY)$/,
  /^(SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAM\w+)$/i,
];

/** The folder that boxes are below: a workspace in /tmp could be written to under every policy that leaves /tmp open. */
const APART_FROM_TMP = '/var/tmp';

export class Surroundings implements Disposable {
  /** Complete: to be used without what the runner was started with. */
  readonly env: NodeJS.ProcessEnv;
  /** For files of the runner itself. */
  readonly scratch: string;
  readonly #folders: readonly string[];

  /** `dist` is the folder of the build under test. */
  constructor(dist: string, env: NodeJS.ProcessEnv) {
    const temporary = firstWritable([env.TMPDIR, env.TEMP, '/tmp', '/var/tmp']);
    const boxes = mkdtempSync(join(firstWritable([APART_FROM_TMP, temporary]), 'shardex-tests-'));
    this.scratch = mkdtempSync(join(temporary, 'shardex-tests-'));
    this.#folders = [this.scratch, boxes];
    // Tests run programs as other users, too.
    for (const folder of this.#folders) chmodSync(folder, 0o755);
    const [home, tmp] = ['home', 'tmp'].map((name) => join(this.scratch, name));
    for (const folder of [home, tmp]) mkdirSync(folder ?? '');
    const kept = Object.entries(env).filter(([name]) => KEPT_VARIABLES.some((pattern) => pattern.test(name)));
    this.env = {
      ...Object.fromEntries(kept),
      PATH: [dirname(process.execPath), env.PATH ?? ''].join(delimiter),
      HOME: home,
      TMPDIR: tmp,
      ...(process.platform === 'win32' ? { TEMP: tmp, TMP: tmp } : {}),
      SHARDEX_DIST: dist,
      SHARDEX_TEST_BOXES: boxes,
    };
  }

  [Symbol.dispose](): void {
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The program to compare with is kept in the user's cache. */
export const referenceVariables = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  XDG_CACHE_HOME: env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  ...(env.CODEX_REFERENCE_BIN === undefined ? {} : { CODEX_REFERENCE_BIN: env.CODEX_REFERENCE_BIN }),
});

function firstWritable(folders: readonly (string | undefined)[]): string {
  for (const folder of folders) {
    if (folder === undefined || folder === '') continue;
    try {
      accessSync(folder, constants.W_OK | constants.X_OK);
      return folder;
    } catch {
      // The next one.
    }
  }
  throw new Error('there is no folder for temporary files');
}
