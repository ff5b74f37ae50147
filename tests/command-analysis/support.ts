import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of this folder's fixtures, found in the sources wherever the tests were built to. */
export function fixture(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'tests/command-analysis/fixtures', name);
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) throw new Error(`no fixture ${name}`);
  }
}
