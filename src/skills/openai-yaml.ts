/**
 * `agents/openai.yaml` beside a SKILL.md: how clients show a skill and which tools it needs. In: the file's text. Out:
 * what is valid of it. Nothing in it is an error: what does not fit is left out.
 */
import { isAbsolute, join } from 'node:path';
import type { SkillDependencies, SkillInterface, SkillToolDependency } from '../protocol/skills.ts';
import { collapse, lengthOf } from './frontmatter.ts';
import { membersOf, readYaml } from './yaml.ts';

export interface SkillExtras {
  readonly interface: SkillInterface | null;
  readonly dependencies: SkillDependencies | null;
}

const SHORT = 64;
const LONG = 1024;
const NOTHING: SkillExtras = { interface: null, dependencies: null };

type Members = ReadonlyMap<string, unknown>;

/** `skillFolder` is absolute: icons are reported below it. */
export async function readExtras(text: string, skillFolder: string): Promise<SkillExtras> {
  const read = await readYaml(text);
  const root = read.ok ? membersOf(read.value) : null;
  // A value of the wrong kind spoils the whole file, as it does for the reference.
  if (root === null || !isPlain(root)) return NOTHING;
  const shown = membersOf(root.get('interface'));
  const needs = membersOf(root.get('dependencies'));
  return {
    interface: shown === null ? null : interfaceOf(shown, skillFolder),
    dependencies: needs === null ? null : dependenciesOf(needs.get('tools')),
  };
}

/** Whether `interface` is a mapping of texts and `dependencies.tools` a list of such mappings. */
function isPlain(root: Members): boolean {
  const isText = (value: unknown): boolean => typeof value === 'string';
  const isTexts = (value: unknown, keys: readonly string[]): boolean => {
    const members = membersOf(value);
    return members !== null && keys.every((key) => !members.has(key) || isText(members.get(key)));
  };
  const shown = root.get('interface');
  const needs = root.get('dependencies');
  const tools = membersOf(needs)?.get('tools');
  return (
    (shown === undefined || isTexts(shown, INTERFACE_KEYS)) &&
    (needs === undefined || membersOf(needs) !== null) &&
    (tools === undefined || (Array.isArray(tools) && tools.every((tool: unknown) => isTexts(tool, TOOL_KEYS))))
  );
}

const INTERFACE_KEYS = [
  'display_name',
  'short_description',
  'icon_small',
  'icon_large',
  'brand_color',
  'default_prompt',
];
const TOOL_KEYS = ['type', 'value', 'description', 'transport', 'command', 'url'];

/** All keys, null where nothing valid is given; no interface at all when none is left. */
function interfaceOf(members: Members, skillFolder: string): SkillInterface | null {
  const found = {
    displayName: textOf(members, 'display_name', SHORT),
    shortDescription: textOf(members, 'short_description', LONG),
    iconSmall: iconOf(members, 'icon_small', skillFolder),
    iconLarge: iconOf(members, 'icon_large', skillFolder),
    brandColor: colorOf(members.get('brand_color')),
    defaultPrompt: textOf(members, 'default_prompt', LONG),
  };
  return Object.values(found).every((value) => value === null) ? null : found;
}

function textOf(members: Members, key: string, maxLength: number): string | null {
  const value = members.get(key);
  const text = typeof value === 'string' ? collapse(value) : '';
  return text === '' || lengthOf(text) > maxLength ? null : text;
}

function colorOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value.trim() : '';
  return /^#[0-9a-fA-F]{6}$/.test(text) ? text : null;
}

/** A path inside `assets/`; whether there is such a file is not asked. */
function iconOf(members: Members, key: string, skillFolder: string): string | null {
  const value = members.get(key);
  if (typeof value !== 'string' || value.trim() === '' || isAbsolute(value)) return null;
  const parts = value.split('/').filter((part) => part !== '.' && part !== '');
  return parts[0] === 'assets' && !parts.includes('..') ? join(skillFolder, ...parts) : null;
}

function dependenciesOf(tools: unknown): SkillDependencies | null {
  const found = (Array.isArray(tools) ? tools : []).flatMap((tool: unknown) => {
    const members = membersOf(tool);
    const dependency = members === null ? null : toolOf(members);
    return dependency === null ? [] : [dependency];
  });
  return found.length === 0 ? null : { tools: found };
}

function toolOf(members: Members): SkillToolDependency | null {
  const type = textOf(members, 'type', SHORT);
  const value = textOf(members, 'value', LONG);
  if (type === null || value === null) return null;
  const optional = (key: 'description' | 'transport' | 'command' | 'url', maxLength: number) => {
    const text = textOf(members, key, maxLength);
    return text === null ? {} : { [key]: text };
  };
  return {
    type,
    value,
    ...optional('description', LONG),
    ...optional('transport', SHORT),
    ...optional('command', LONG),
    ...optional('url', LONG),
  };
}
