/** `$CODEX_HOME/.env`: variables for this process and what it starts. In: the folder. Out: names and values; nothing is set here. */
import { join } from 'node:path';
import { readEnvText } from './dotenv.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import { isMissing } from './os-error.ts';
import type { Env } from './paths.ts';
import { readRegularSync } from './regular-file.ts';

/** These decide where the file itself is and who we say we are. */
const RESERVED_PREFIX = 'CODEX_';

/** More than a program can be started with. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * The file's variables, which go before those of `env`; what they refer to is taken from there first. A file that cannot be
 * read counts as empty, and a line that is not understood is skipped: the log says so, without any of its text.
 */
export function readEnvFile(codexHome: string, env: Env, log: Logger): Readonly<Record<string, string>> {
  let bytes: Buffer;
  try {
    bytes = readRegularSync(join(codexHome, '.env'), MAX_FILE_BYTES);
  } catch (error) {
    if (!isMissing(error)) log.error('env-file', 'unreadable', { error: messageOf(error) });
    return {};
  }
  const { variables, faultyLines } = readEnvText(bytes, {
    lookUp: (name) => (Object.hasOwn(env, name) ? env[name] : undefined),
    accepts: (name) => !name.toUpperCase().startsWith(RESERVED_PREFIX),
  });
  if (faultyLines.length > 0) log.warn('env-file', 'lines-skipped', { lines: faultyLines.slice(0, 20) });
  return Object.fromEntries(variables);
}
