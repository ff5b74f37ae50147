/** Reads a YAML document. The library is bundled with this file, which is loaded with the first text. */
import { parseDocument } from 'yaml';

/** Enough for any honest file; stops texts that grow without end by referring to themselves. */
const MAX_ALIASES = 100;

export type YamlDocument =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

/** Throws what the library throws. */
export function parseYaml(text: string): YamlDocument {
  const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent' });
  const [fault] = document.errors;
  if (fault !== undefined) return { ok: false, message: fault.message };
  return { ok: true, value: document.toJS({ maxAliasCount: MAX_ALIASES }) };
}
