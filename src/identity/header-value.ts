/** Everything but control characters; TAB is allowed, and so is any byte above ASCII. */
const ILLEGAL = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** Whether the text can stand in an HTTP header. */
export const isHeaderValue = (text: string): boolean => !ILLEGAL.test(text);
