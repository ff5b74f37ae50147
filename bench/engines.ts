/** The servers that are compared: ours as built, and the reference when it is there. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Engine {
  readonly id: 'ours' | 'reference';
  readonly version: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Whether it knows `capabilities.optOutNotificationMethods`. */
  readonly canOptOut: boolean;
}

export const REFERENCE_PACKAGE = '@openai/codex@0.94.0';
const REFERENCE_VERSION = '0.94.0';
/** So the package names its folders for systems. */
const TRIPLES: Readonly<Record<string, string>> = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
  'darwin-x64': 'x86_64-apple-darwin',
  'darwin-arm64': 'aarch64-apple-darwin',
};

/** `main` is the built `main.js`. */
export async function ourEngine(main: string): Promise<Engine> {
  const version = await versionOf(process.execPath, [main, '--version']);
  return { id: 'ours', version, program: process.execPath, args: [main], canOptOut: true };
}

/** Null when neither `CODEX_REFERENCE_BIN` nor the unpacked package is there. Throws when the variable names no file. */
export async function referenceEngine(env: NodeJS.ProcessEnv): Promise<Engine | null> {
  const program = referenceBinary(env);
  if (program === null) return null;
  const version = await versionOf(program, ['--version']);
  return { id: 'reference', version, program, args: ['app-server'], canOptOut: false };
}

/** The binary that the variable names, or the one in the package below `codex-reference/0.94.0` in the cache folder. */
export function referenceBinary(env: NodeJS.ProcessEnv): string | null {
  const named = env.CODEX_REFERENCE_BIN;
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`CODEX_REFERENCE_BIN: no such file: ${named}`);
    return named;
  }
  const triple = TRIPLES[`${process.platform}-${process.arch}`];
  if (triple === undefined) return null;
  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  const package_ = join(cache, 'codex-reference', REFERENCE_VERSION);
  const folders = existsSync(package_) ? [package_, ...readdirSync(package_).map((name) => join(package_, name))] : [];
  return folders.map((folder) => join(folder, 'vendor', triple, 'codex', 'codex')).find(existsSync) ?? null;
}

async function versionOf(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...args]);
  return stdout.trim();
}
