/**
 * What the configuration of a project may not do with logins, however much the user trusts it: have them sent to another host than
 * the user meant. In: the layer of a project that is trusted by name, and what lies below it. Out: a reduced table. Pure.
 */
import { isOwnSecret } from '../base/secret-variables.ts';
import type { LimitedTable } from './powers.ts';
import { namesInEntry } from './secret-variables.ts';
import { cloneTable, emptyTable, isTable, type TomlTable, type TomlValue } from './toml.ts';

/** Tables of entries that send something, each with what of an entry below may change all the same. */
const SENDERS: Readonly<Record<string, (key: string, value: TomlValue) => boolean>> = {
  model_providers: () => false,
  mcp_servers: (key, value) => key === 'disabled_tools' || (key === 'enabled' && value === false),
};

/** The table without what would send a login of the user, or a key that the user has for another entry, to a host that it names. */
export function limitLogins(table: TomlTable, below: TomlTable): LimitedTable {
  const leftOut: string[] = [];
  const config = emptyTable();
  for (const [key, value] of Object.entries(table)) {
    if (key === 'chatgpt_base_url') leftOut.push(key);
    else if (key === 'profiles') config[key] = each(value, (name) => withoutBackend(value, name, leftOut));
    else if (Object.hasOwn(SENDERS, key))
      config[key] = each(value, (name) => limitedEntry({ key, value, name }, below, leftOut));
    else config[key] = value;
  }
  return { config: cloneTable(config), leftOut };
}

/** A table with each of its entries replaced; undefined leaves one out. */
function each(value: TomlValue, change: (name: string) => TomlValue | undefined): TomlValue {
  if (!isTable(value)) return value;
  const changed = emptyTable();
  for (const name of Object.keys(value)) {
    const entry = change(name);
    if (entry !== undefined) changed[name] = entry;
  }
  return changed;
}

const memberOf = (value: TomlValue | undefined, name: string): TomlValue | undefined =>
  isTable(value) && Object.hasOwn(value, name) ? value[name] : undefined;

function withoutBackend(profiles: TomlValue, name: string, leftOut: string[]): TomlValue | undefined {
  const profile = memberOf(profiles, name);
  return kept(profile, (key) => key !== 'chatgpt_base_url', { path: `profiles.${name}`, leftOut });
}

interface Entry {
  readonly key: string;
  readonly value: TomlValue;
  readonly name: string;
}

function limitedEntry({ key, value, name }: Entry, below: TomlTable, leftOut: string[]): TomlValue | undefined {
  const entry = memberOf(value, name);
  const place = { path: `${key}.${name}`, leftOut };
  if (memberOf(below[key], name) !== undefined) return kept(entry, SENDERS[key] ?? (() => true), place);
  const secrets = new Set(secretsBelow(below));
  const isSecret = (variable: TomlValue | undefined): boolean =>
    typeof variable === 'string' && (isOwnSecret(variable) || secrets.has(variable));
  return kept(
    entry,
    (member, given) => {
      if (member === 'requires_openai_auth') return given !== true;
      if (member === 'env_key' || member === 'bearer_token_env_var') return !isSecret(given);
      if (member === 'env_vars') return !(Array.isArray(given) && given.some(isSecret));
      return member !== 'env_http_headers' || !(isTable(given) && Object.values(given).some(isSecret));
    },
    place,
  );
}

/** Variables that entries of the user send. */
const secretsBelow = (below: TomlTable): readonly string[] =>
  Object.keys(SENDERS).flatMap((key) => {
    const entries = below[key];
    return isTable(entries)
      ? Object.values(entries).flatMap((entry) => (isTable(entry) ? namesInEntry(entry) : []))
      : [];
  });

interface Place {
  readonly path: string;
  readonly leftOut: string[];
}

function kept(
  entry: TomlValue | undefined,
  isKept: (key: string, value: TomlValue) => boolean,
  { path, leftOut }: Place,
): TomlValue | undefined {
  if (!isTable(entry)) return entry;
  const result = emptyTable();
  for (const [key, value] of Object.entries(entry)) {
    if (isKept(key, value)) result[key] = value;
    else leftOut.push(`${path}.${key}`);
  }
  return Object.keys(result).length === 0 && Object.keys(entry).length > 0 ? undefined : result;
}
