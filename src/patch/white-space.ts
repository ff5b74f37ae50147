// Unicode White_Space. `String.prototype.trim` also takes U+FEFF and leaves U+0085, which would make a patch with a
// byte order mark match here and nowhere else.
const WHITE_SPACE = '\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const LEADING = new RegExp(`^[${WHITE_SPACE}]+`);
const IS_WHITE_SPACE = new RegExp(`[${WHITE_SPACE}]`);

/** Removes trailing white space; linear in the text's length. */
export const trimEnd = (text: string): string => {
  let end = text.length;
  while (end > 0 && IS_WHITE_SPACE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
};

/** Removes white space at both ends. */
export const trim = (text: string): string => trimEnd(text).replace(LEADING, '');
