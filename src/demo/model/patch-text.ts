/** Writes edits in the patch language of the `apply_patch` tool. In: what to change. Out: a whole patch. */

const wrap = (lines: readonly string[]): string => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');

/** Lines of a text; a final newline does not begin another line. */
const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

export const creation = (file: string, text: string): string =>
  wrap([`*** Add File: ${file}`, ...linesOf(text).map((line) => `+${line}`)]);

export const deletion = (file: string): string => wrap([`*** Delete File: ${file}`]);

/** Lines without any context go to the end of the file. An empty text is an empty line. */
export const additionPatch = (file: string, text: string): string => {
  const lines = linesOf(text);
  return wrap([`*** Update File: ${file}`, '@@', ...(lines.length === 0 ? [''] : lines).map((line) => `+${line}`)]);
};

/**
 * Replaces every `from` of `content`; null when there is none. Only the lines that change are part of the patch: they
 * are found again one after the other, so lines that occur twice do no harm.
 */
export function replacement(file: string, content: string, from: string, to: string): string | null {
  const lines = content.split('\n');
  const chunks = lineRanges(content, from).flatMap(({ first, last }) => {
    const before = lines.slice(first, last + 1);
    const after = before.join('\n').split(from).join(to).split('\n');
    return ['@@', ...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)];
  });
  return chunks.length === 0 ? null : wrap([`*** Update File: ${file}`, ...chunks]);
}

/** The lines that the occurrences of `text` touch; ranges that share a line are one. */
function lineRanges(content: string, text: string): { first: number; last: number }[] {
  const ranges: { first: number; last: number }[] = [];
  let line = 0;
  let counted = 0;
  const lineAt = (position: number): number => {
    for (; counted < position; counted += 1) if (content[counted] === '\n') line += 1;
    return line;
  };
  for (let at = content.indexOf(text); at !== -1; at = content.indexOf(text, at + text.length)) {
    const first = lineAt(at);
    const last = lineAt(at + text.length);
    const previous = ranges.at(-1);
    if (previous !== undefined && previous.last >= first) previous.last = last;
    else ranges.push({ first, last });
  }
  return ranges;
}
