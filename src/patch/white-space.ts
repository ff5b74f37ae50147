// Unicode White_Space. `String.prototype.trim` also takes U+FEFF and leaves U+0085, which would make a patch with a
// byte order mark match here and nowhere else.
const BEYOND_ASCII = new Set([0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000]);

const isWhiteSpace = (code: number): boolean =>
  code <= 0x20
    ? code === 0x20 || (code >= 0x09 && code <= 0x0d)
    : code >= 0x85 && ((code >= 0x2000 && code <= 0x200a) || BEYOND_ASCII.has(code));

/** Removes trailing white space. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isWhiteSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** Removes white space at both ends. */
export function trim(text: string): string {
  let start = 0;
  while (start < text.length && isWhiteSpace(text.charCodeAt(start))) start += 1;
  return trimEnd(text.slice(start));
}
