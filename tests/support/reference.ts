/**
 * The program that ours replaces: codex app-server 0.94.0. Not part of this package; the suite `parity` finds it in
 * CODEX_REFERENCE_BIN or in the user's cache, where it is unpacked once from its npm package.
 *
 * In: the environment. Out: the path of an executable file, or one error that says how to get it.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const REFERENCE_VERSION = '0.94.0';

const PACKAGE = `@openai/codex@${REFERENCE_VERSION}`;
const PLATFORM = 'vendor/x86_64-unknown-linux-musl';
const DOWNLOAD_LIMIT_MS = 300_000;

class NoReference extends Error {
  constructor(reason: string, cause?: unknown) {
    super(
      `${reason}\nThe suite "parity" compares with codex app-server ${REFERENCE_VERSION}. Set CODEX_REFERENCE_BIN to its ` +
        `executable, or let the suite fetch ${PACKAGE} from npm (linux x64 only).`,
      { cause },
    );
    this.name = 'NoReference';
  }
}

/** The reference's executable. Blocks while it is fetched, the first time. Throws NoReference. */
export function referenceBinary(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.CODEX_REFERENCE_BIN;
  if (named !== undefined && named !== '') return executable(named);
  const folder = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'codex-reference', REFERENCE_VERSION);
  const file = join(folder, PLATFORM, 'codex/codex');
  if (!existsSync(file)) unpack(folder);
  return executable(file);
}

/** Why there is no reference to compare with; null when there is one. */
export function referenceProblem(): string | null {
  try {
    referenceBinary();
    return null;
  } catch (error) {
    if (error instanceof NoReference) return error.message;
    throw error;
  }
}

function executable(file: string): string {
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch (error) {
    throw new NoReference(`${file} cannot be run.`, error);
  }
}

/** Unpacks beside the final place and moves, so that a broken download leaves nothing and two runs do not meet. */
function unpack(folder: string): void {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new NoReference(`There is no reference for ${process.platform} ${process.arch} here.`);
  }
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(folder, 'unpack-'));
  const options = { cwd: scratch, encoding: 'utf8', timeout: DOWNLOAD_LIMIT_MS } as const;
  try {
    const packed = execFileSync('npm', ['pack', PACKAGE, '--silent', '--pack-destination', scratch], options);
    const tarball = join(scratch, packed.trim().split('\n').at(-1) ?? '');
    execFileSync('tar', ['-xzf', tarball, '--strip-components=1', `package/${PLATFORM}`], options);
    chmodSync(join(scratch, PLATFORM, 'codex/codex'), 0o755);
    mkdirSync(dirname(join(folder, PLATFORM)), { recursive: true });
    if (!existsSync(join(folder, PLATFORM))) renameSync(join(scratch, PLATFORM), join(folder, PLATFORM));
  } catch (error) {
    throw new NoReference(`${PACKAGE} could not be fetched: ${String(error)}`, error);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
