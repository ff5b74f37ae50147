/** Reads the only git setting that a search needs. Pure; one pass over the lines. */

const SETTING = 'excludesfile';

/** The last `core.excludesFile` of a settings file; undefined if it is missing or empty. */
export function excludesFileOf(settings: string): string | undefined {
  let inCore = false;
  let found: string | undefined;
  for (const line of settings.split('\n')) {
    let rest = line.trimStart();
    if (rest.startsWith('[')) {
      const end = rest.indexOf(']');
      if (end === -1) continue;
      inCore = rest.slice(1, end).trim().toLowerCase() === 'core';
      rest = rest.slice(end + 1).trimStart();
    }
    if (inCore) found = settingIn(rest) ?? found;
  }
  return found === '' ? undefined : found;
}

/** The value of the setting, if the line sets it. */
function settingIn(line: string): string | undefined {
  if (line.slice(0, SETTING.length).toLowerCase() !== SETTING) return undefined;
  const rest = line.slice(SETTING.length).trimStart();
  if (!rest.startsWith('=')) return undefined;
  return unquoted(rest.slice(1).trim());
}

/** A value without its quotes and the comment after it. */
function unquoted(text: string): string {
  let value = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '"') {
      quoted = !quoted;
    } else if (char === '\\') {
      at += 1;
      value += text[at] ?? '';
    } else if (!quoted && (char === '#' || char === ';')) {
      return value.trimEnd();
    } else {
      value += char;
    }
  }
  return value;
}
