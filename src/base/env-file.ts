/** Reads `$CODEX_HOME/.env`. In: the folder. Out: variables for this process and its children; nothing is set here. */
import { join } from 'node:path';
import { readEnvText } from './dotenv.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import { isMissing } from './os-error.ts';
import type { Env } from './paths.ts';
import { readRegularSync } from './regular-file.ts';

/** These variables select the file itself and the client's identity. */
const RESERVED_PREFIX = 'CODEX_';

/** More than the system passes to a program. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * The file's variables, which override those of `env`; references are resolved against `env` first. An unreadable file counts as
 * empty and an invalid line is skipped; both are logged without any of their text.
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
