/**
 * The `fzf` package as an engine that answers lines. In: lines with a root and a query. Out: lines with the best paths. Owns
 * the list of the last root, made with the first query and never renewed: the package searches lists, it does not watch folders.
 */
import { createInterface } from 'node:readline';
import { extendedMatch, Fzf } from 'fzf';
import { listFiles } from '../tree/list-files.ts';
import { decodeQuestion } from './lines-protocol.ts';

let root: string | null = null;
let finder = new Fzf<string>([], { selector: String });

function search(wantedRoot: string, query: string, limit: number): string[] {
  if (root !== wantedRoot) {
    finder = new Fzf(listFiles(wantedRoot), { selector: String, match: extendedMatch });
    root = wantedRoot;
  }
  if (query.trim() === '') return [];
  return finder
    .find(query)
    .slice(0, limit)
    .map(({ item }) => item);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ask } = decodeQuestion(line);
  const paths = ask === null ? [] : search(ask.root, ask.query, ask.limit);
  process.stdout.write(`${JSON.stringify({ id, paths })}\n`);
}
