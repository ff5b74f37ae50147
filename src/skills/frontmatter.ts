/** The head of a SKILL.md. In: the file's text. Out: name and descriptions, or the message that clients are shown. */
import { membersOf, readYaml } from './yaml.ts';

interface Frontmatter {
  readonly name: string;
  readonly description: string;
  readonly shortDescription: string | null;
}

export type FrontmatterResult =
  | { readonly ok: true; readonly value: Frontmatter }
  | { readonly ok: false; readonly message: string };

const MAX_NAME = 64;
const MAX_DESCRIPTION = 1024;

/** Ends the reading of one file; never leaves this module. */
class Refusal extends Error {}

export async function readFrontmatter(text: string): Promise<FrontmatterResult> {
  try {
    const members = await headOf(text);
    const metadata = members.get('metadata');
    const extra = metadata === undefined || metadata === '' ? new Map<string, unknown>() : membersOf(metadata);
    if (extra === null) throw new Refusal('invalid YAML: metadata: expected a mapping');
    return {
      ok: true,
      value: {
        name: required(members, 'name', MAX_NAME),
        description: required(members, 'description', MAX_DESCRIPTION),
        shortDescription: optional(extra.get('short-description')),
      },
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, message: error.message };
  }
}

/** Lines between the first line and a later one that are both `---`. */
async function headOf(text: string): Promise<ReadonlyMap<string, unknown>> {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const end = lines.findIndex((line, index) => index > 0 && line.trim() === '---');
  if (lines[0]?.trim() !== '---' || end < 2) throw new Refusal('missing YAML frontmatter delimited by ---');
  const read = await readYaml(lines.slice(1, end).join('\n'));
  if (!read.ok) throw new Refusal(`invalid YAML: ${read.reason}`);
  const members = read.value === null || read.value === '' ? new Map<string, unknown>() : membersOf(read.value);
  if (members === null) throw new Refusal('invalid YAML: expected a mapping');
  return members;
}

function required(members: ReadonlyMap<string, unknown>, key: string, maxLength: number): string {
  const value = members.get(key);
  if (value === undefined) throw new Refusal(`invalid YAML: missing field \`${key}\``);
  if (typeof value !== 'string') throw new Refusal(`invalid YAML: ${key}: expected a string`);
  const text = collapse(value);
  if (text === '') throw new Refusal(`missing field \`${key}\``);
  return within(text, key, maxLength);
}

function optional(value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value !== 'string') throw new Refusal('invalid YAML: metadata.short-description: expected a string');
  const text = collapse(value);
  return text === '' ? null : within(text, 'metadata.short-description', MAX_DESCRIPTION);
}

function within(text: string, field: string, maxLength: number): string {
  if (lengthOf(text) <= maxLength) return text;
  throw new Refusal(`invalid ${field}: exceeds maximum length of ${maxLength} characters`);
}

/** In characters, as limits are given. */
export const lengthOf = (text: string): number => [...text].length;

/** One space for every run of white space, none at the ends. */
export const collapse = (text: string): string => text.trim().replaceAll(/\s+/gu, ' ');
