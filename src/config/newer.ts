/**
 * Values of config.toml that later versions of codex write and this one does not use. They must not prevent a start
 * with a shared home. In: a table. Out: its ignored values, and the table without them. None of them is a
 * restriction. Pure.
 */
import { cloneTable, isTable, type TomlTable, type TomlValue } from './toml.ts';

export interface NewerValue {
  readonly path: readonly (string | number)[];
  readonly what: string;
}

/** Efforts that were added after `xhigh`. */
const NEWER_EFFORTS: readonly TomlValue[] = ['max', 'ultra'];

/** In the order of the table. */
export function newerValues(config: TomlTable): readonly NewerValue[] {
  const profiles = isTable(config.profiles) ? Object.entries(config.profiles) : [];
  return [
    ...sharedValues(config, []),
    ...profiles.flatMap(([name, profile]) => (isTable(profile) ? sharedValues(profile, ['profiles', name]) : [])),
    ...toolValues(config),
    ...skillValues(config),
  ];
}

/** A copy without the values of `newerValues`; the table itself if there are none. */
export function withoutNewer(config: TomlTable): TomlTable {
  const found = newerValues(config);
  if (found.length === 0) return config;
  const copy = cloneTable(config);
  for (const { path } of [...found].reverse()) removeAt(copy, path); // later items of a list first
  return copy;
}

function sharedValues(table: TomlTable, at: NewerValue['path']): readonly NewerValue[] {
  const { model_reasoning_effort: effort, personality } = table;
  return [
    ...(effort !== undefined && NEWER_EFFORTS.includes(effort)
      ? [{ path: [...at, 'model_reasoning_effort'], what: `model_reasoning_effort = "${effort}"` }]
      : []),
    ...(personality === 'none' ? [{ path: [...at, 'personality'], what: 'personality = "none"' }] : []),
  ];
}

function toolValues({ tools }: TomlTable): readonly NewerValue[] {
  if (!isTable(tools) || !isTable(tools.web_search)) return [];
  return [{ path: ['tools', 'web_search'], what: 'the table tools.web_search' }];
}

/** Entries that name a skill instead of its path. */
function skillValues({ skills }: TomlTable): readonly NewerValue[] {
  const entries = isTable(skills) && Array.isArray(skills.config) ? skills.config : [];
  return entries.flatMap((entry, index) =>
    isTable(entry) && entry.path === undefined && typeof entry.name === 'string'
      ? [{ path: ['skills', 'config', index], what: 'an entry of skills.config without a path' }]
      : [],
  );
}

function removeAt(root: TomlTable, path: NewerValue['path']): void {
  let holder: TomlValue | undefined = root;
  for (const key of path.slice(0, -1)) {
    holder = Array.isArray(holder) ? holder[Number(key)] : isTable(holder) ? holder[String(key)] : undefined;
  }
  const last = path.at(-1);
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else if (isTable(holder)) delete holder[String(last)];
}
