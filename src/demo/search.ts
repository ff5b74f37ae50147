/** The first half of the demo: fuzzy search over a repository. In: a server and a root. Out: what was found, on the screen. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRecord } from '../base/json/schema.ts';
import type { AppServer } from './app-server.ts';
import { counted, duration, type Screen } from './screen.ts';

export interface SearchOptions {
  readonly root: string;
  /** Empty: some that fit the files of the root. */
  readonly queries: readonly string[];
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

interface Hit {
  readonly path: string;
  readonly indices: ReadonlySet<number>;
}

const SHOWN_HITS = 3;

/** Resolves with what went wrong, null when every query was answered and at least one found something. */
export async function searchDemo(server: AppServer, screen: Screen, options: SearchOptions): Promise<string | null> {
  const { root, nowMs, signal } = options;
  screen.title(`Searching ${root}`);
  const queries = options.queries.length > 0 ? options.queries : await fittingQueries(root);
  let found = 0;
  for (const [index, query] of queries.entries()) {
    const startedMs = nowMs();
    const hits = await waiting(screen, index === 0 ? 'indexing and searching' : 'searching', nowMs, async () => {
      const params = { query, roots: [root], cancellationToken: null };
      return hitsOf((await server.request('fuzzyFileSearch', params, signal)).files);
    });
    found += hits.length;
    const note = index === 0 ? ', the first one reads the whole tree' : '';
    const time = `${counted(hits.length, 'file')} in ${duration(nowMs() - startedMs)}${note}`;
    screen.line(`  ${screen.styled('cyan', query)}  ${screen.styled('dim', time)}`);
    for (const hit of hits.slice(0, SHOWN_HITS)) screen.line(`    ${highlighted(screen, hit)}`);
    if (hits.length > SHOWN_HITS) screen.line(screen.styled('dim', `    … and ${hits.length - SHOWN_HITS} more`));
  }
  return found > 0 ? null : 'the search found nothing';
}

async function waiting<T>(screen: Screen, what: string, nowMs: () => number, work: () => Promise<T>): Promise<T> {
  using _status = screen.busy(what, nowMs);
  return await work();
}

function hitsOf(files: unknown): Hit[] {
  if (!Array.isArray(files)) throw new Error('the search was not answered with files');
  return files.filter(isRecord).map(({ path, indices }) => ({
    path: String(path),
    indices: new Set(Array.isArray(indices) ? indices.filter((index) => typeof index === 'number') : []),
  }));
}

const highlighted = (screen: Screen, { path, indices }: Hit): string =>
  [...path].map((letter, index) => (indices.has(index) ? screen.styled('bold', letter) : letter)).join('');

/** The repository around a folder, or the folder itself. */
export function repositoryRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return folder;
  }
}

const QUERY_COUNT = 4;
const MAX_SAMPLED = 400;

/** Shortened names of files that lie far apart in the tree, the way people type them. */
async function fittingQueries(root: string): Promise<string[]> {
  const names = await sampleNames(root);
  const step = Math.max(1, Math.floor(names.length / QUERY_COUNT));
  const chosen = names.filter((_name, index) => index % step === 0).slice(0, QUERY_COUNT);
  return chosen.length === 0 ? ['readme'] : [...new Set(chosen.map(shortened))];
}

/** Without most of the vowels: `package.json` becomes `pckg.jsn`. */
export const shortened = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/(?<=[a-z])[aeiou]/g, '')
    .slice(0, 8);

async function sampleNames(root: string): Promise<string[]> {
  const names: string[] = [];
  const folders = [root];
  for (let folder = folders.shift(); folder !== undefined && names.length < MAX_SAMPLED; folder = folders.shift()) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules' || entry.name === 'dist') continue;
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
      else names.push(basename(entry.name));
    }
  }
  return names;
}
