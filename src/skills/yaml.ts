/** YAML with every scalar as the text it was written as. In: a text. Out: plain values, or why it cannot be read. */
import { wellFormed } from '../base/well-formed.ts';

export type YamlResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

/** The library takes time quadratic in the length of some texts: a few hundred milliseconds for the worst of so many characters. */
const MAX_CHARS = 16 * 1024;

/** The library is loaded with the first text. */
export async function readYaml(text: string): Promise<YamlResult> {
  if (text.length > MAX_CHARS) return { ok: false, reason: `longer than ${MAX_CHARS} characters` };
  const { parseYaml } = await import('./yaml-document.ts');
  try {
    const read = parseYaml(text);
    return read.ok ? { ok: true, value: wellFormed(read.value) } : { ok: false, reason: firstLine(read.message) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? firstLine(error.message) : String(error) };
  }
}

/** Without the excerpt of the text that follows. */
const firstLine = (message: string): string => (message.split('\n')[0] ?? message).replace(/:$/, '');

/** The value's members when it is a mapping. */
export const membersOf = (value: unknown): ReadonlyMap<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : null;
