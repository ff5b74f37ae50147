/** The layer of session flags: `-c` values of the process, then the dotted `config` object of a request. */
import { withoutEnd, withoutStart } from '../base/trimming.ts';
import type { CliOverride } from './cli-overrides.ts';
import { emptyTable, fromJson, readToml, setAtPath, type TomlTable, type TomlValue } from './toml.ts';

/** A key that no user's TOML document starts with. */
const PROBE_KEY = 'shardex_override_value';

/** The right side of a TOML assignment; if it does not parse, a string without its outer quotes. */
export function parseOverrideValue(raw: string): TomlValue {
  const read = readToml(`${PROBE_KEY} = ${raw}`);
  const value = read.ok ? read.table[PROBE_KEY] : undefined;
  return value ?? withoutStart(withoutEnd(raw.trim(), `"'`), `"'`);
}

/**
 * One table of all overrides, in order, or null if there are none. Throws ConfigError for excessively nested values.
 */
export function sessionFlags(
  cliOverrides: readonly CliOverride[],
  requestOverrides: Readonly<Record<string, unknown>>,
): TomlTable | null {
  const requested = Object.entries(requestOverrides);
  if (cliOverrides.length === 0 && requested.length === 0) return null;
  const table = emptyTable();
  for (const [key, raw] of cliOverrides) setAtPath(table, key, parseOverrideValue(raw));
  for (const [key, value] of requested) setAtPath(table, key, fromJson(value));
  return table;
}
