/** Keys of config.toml with paths: they are resolved against the folder of their file. */
import { isAbsolute, join, resolve } from 'node:path';
import { isTable, type TomlTable, type TomlValue } from './toml.ts';

const FILES = ['model_instructions_file', 'experimental_instructions_file', 'experimental_compact_prompt_file'];
const TLS = ['ca-certificate', 'client-certificate', 'client-private-key'];
const EXPORTERS = ['exporter', 'trace_exporter'];
const KINDS = ['otlp-http', 'otlp-grpc'];

/** `*` matches any key, `[]` every element of a list. */
const PATH_KEYS: readonly (readonly string[])[] = [
  ...FILES.map((key) => [key]),
  ...FILES.map((key) => ['profiles', '*', key]),
  ['sandbox_workspace_write', 'writable_roots', '[]'],
  ['sandbox_workspace_write', 'allowed_unix_sockets', '[]'],
  ['skills', 'config', '[]', 'path'],
  ...EXPORTERS.flatMap((role) => KINDS.flatMap((kind) => TLS.map((key) => ['otel', role, kind, 'tls', key]))),
];

/** Absolute, with `~` expanded and `.` and `..` resolved; an empty path is the folder itself. */
export function resolveConfigPath(path: string, folder: string, homeFolder: string): string {
  if (path === '~') return homeFolder;
  if (path.startsWith('~/')) return join(homeFolder, path.slice(2));
  return isAbsolute(path) ? resolve(path) : resolve(folder, path);
}

/** Resolves all paths of a file's table, in place. Leaves values of other types to the shape check. */
export function resolvePathKeys(root: TomlTable, folder: string, homeFolder: string): void {
  const change = (path: string): string => resolveConfigPath(path, folder, homeFolder);
  for (const keys of PATH_KEYS) changeAt(root, keys, change);
}

function changeAt(value: TomlValue | undefined, keys: readonly string[], change: (path: string) => string): void {
  const [key, ...rest] = keys;
  if (key === undefined) return;
  if (key === '[]') {
    if (Array.isArray(value)) changeMembers(value, [...value.keys()], rest, change);
  } else if (isTable(value)) {
    changeMembers(value, key === '*' ? Object.keys(value) : [key], rest, change);
  }
}

function changeMembers<K extends string | number>(
  holder: { [key in K]: TomlValue },
  keys: readonly K[],
  rest: readonly string[],
  change: (path: string) => string,
): void {
  for (const key of keys) {
    const member = holder[key];
    if (rest.length > 0) changeAt(member, rest, change);
    else if (typeof member === 'string') holder[key] = change(member);
  }
}
