/** `$CODEX_HOME/.env`: variables for this process and what it starts. In: the folder. Out: names and values; nothing is set here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import { isNotFound } from './os-error.ts';

/** These decide where the file itself is and who we say we are. */
const RESERVED_PREFIX = 'CODEX_';

/** The file's variables, which go before those of the environment. A file that cannot be read counts as empty. */
export function readEnvFile(codexHome: string, log: Logger): Readonly<Record<string, string>> {
  try {
    const found = parseEnv(readFileSync(join(codexHome, '.env'), 'utf8'));
    const allowed = Object.entries(found).flatMap(([name, value]): [string, string][] =>
      value === undefined || name.toUpperCase().startsWith(RESERVED_PREFIX) ? [] : [[name, value]],
    );
    return Object.fromEntries(allowed);
  } catch (error) {
    if (!isNotFound(error)) log.warn('env-file', 'unreadable', { error: messageOf(error) });
    return {};
  }
}
