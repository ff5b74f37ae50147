/** Paths as codex of today stores them. Pure. */
import { fileURLToPath } from 'node:url';
import * as s from '../base/json/schema.ts';

const FILE_URL = 'file://';

/** A URL of a file reads as its path; any other text stays as it is. */
export const StoredPath = s.changed(s.string, (text) => {
  if (!text.startsWith(FILE_URL)) return text;
  try {
    return fileURLToPath(text);
  } catch {
    return text; // no URL of a file after all
  }
});
