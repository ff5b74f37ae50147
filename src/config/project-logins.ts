/**
 * Prevents a project's configuration, even a trusted one, from sending logins to other hosts than the user meant. In:
 * the layer of a project that is trusted by name, and the layers below it. Out: a reduced table. Pure.
 */
import { isOwnSecret } from '../base/secret-variables.ts';
import type { LimitedTable } from './powers.ts';
import { namesInEntry } from './secret-variables.ts';
import { cloneTable, emptyTable, isTable, type TomlTable, type TomlValue } from './toml.ts';

/** Tables of entries that send credentials, each with the changes that are allowed for an entry of a lower layer. */
const SENDERS: Readonly<Record<string, (key: string, value: TomlValue) => boolean>> = {
  model_providers: () => false,
  mcp_servers: (key, value) => key === 'disabled_tools' || (key === 'enabled' && value === false),
};

/**
 * The table without settings that would send the user's login, or a key of another entry, to a host that it names.
 */
export function limitLogins(table: TomlTable, below: TomlTable): LimitedTable {
  const ignoredKeys: string[] = [];
  const config = emptyTable();
  for (const [key, value] of Object.entries(table)) {
    if (key === 'chatgpt_base_url') ignoredKeys.push(key);
    else if (key === 'profiles') config[key] = mapEntries(value, (name) => withoutBaseUrl(value, name, ignoredKeys));
    else if (Object.hasOwn(SENDERS, key))
      config[key] = mapEntries(value, (name) => limitEntry({ key, value, name }, below, ignoredKeys));
    else config[key] = value;
  }
  return { config: cloneTable(config), ignoredKeys };
}

/** A table with each of its entries replaced; undefined removes one. */
function mapEntries(value: TomlValue, change: (name: string) => TomlValue | undefined): TomlValue {
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

function withoutBaseUrl(profiles: TomlValue, name: string, ignoredKeys: string[]): TomlValue | undefined {
  const profile = memberOf(profiles, name);
  return keptMembers(profile, (key) => key !== 'chatgpt_base_url', { path: `profiles.${name}`, ignoredKeys });
}

interface SenderEntry {
  readonly key: string;
  readonly value: TomlValue;
  readonly name: string;
}

function limitEntry({ key, value, name }: SenderEntry, below: TomlTable, ignoredKeys: string[]): TomlValue | undefined {
  const entry = memberOf(value, name);
  const context = { path: `${key}.${name}`, ignoredKeys };
  if (memberOf(below[key], name) !== undefined) return keptMembers(entry, SENDERS[key] ?? (() => true), context);
  const secrets = new Set(secretsBelow(below));
  const isSecret = (variable: TomlValue | undefined): boolean =>
    typeof variable === 'string' && (isOwnSecret(variable) || secrets.has(variable));
  return keptMembers(
    entry,
    (member, given) => {
      if (member === 'requires_openai_auth') return given !== true;
      if (member === 'env_key' || member === 'bearer_token_env_var') return !isSecret(given);
      if (member === 'env_vars') return !(Array.isArray(given) && given.some(isSecret));
      return member !== 'env_http_headers' || !(isTable(given) && Object.values(given).some(isSecret));
    },
    context,
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

interface EntryContext {
  readonly path: string;
  readonly ignoredKeys: string[];
}

function keptMembers(
  entry: TomlValue | undefined,
  isKept: (key: string, value: TomlValue) => boolean,
  { path, ignoredKeys }: EntryContext,
): TomlValue | undefined {
  if (!isTable(entry)) return entry;
  const result = emptyTable();
  for (const [key, value] of Object.entries(entry)) {
    if (isKept(key, value)) result[key] = value;
    else ignoredKeys.push(`${path}.${key}`);
  }
  return Object.keys(result).length === 0 && Object.keys(entry).length > 0 ? undefined : result;
}
