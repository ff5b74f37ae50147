/**
 * The index of stored threads. In: queries. Out: pages, right for all that was added, removed or moved before the query, and
 * for all that was appended two seconds before it. Owns what is known of the files, and the file that keeps heads between
 * runs. Blocks its thread for as long as a look at every file takes, so it is not for the main thread.
 */
import { join, relative } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import type { IndexQuery, ListedThreads } from '../../contract/thread-query.ts';
import { cursorOf } from '../cursor.ts';
import type { ThreadSummary } from '../head.ts';
import { FOLDERS } from '../name.ts';
import { type FilterContext, type Matcher, matcherOf } from './filters.ts';
import { loadIndexFile, saveIndexFile } from './index-file.ts';
import type { ListedFile } from './listed-file.ts';
import type { NameBook } from './name-book.ts';
import type { SavedHead } from './saved-heads.ts';
import { Section } from './section.ts';

/** Other queries have their turn this often. */
const SLICE_MS = 8;
/** So many heads are read before it pays to load those of earlier runs, or to keep them for later ones. */
const FEW_HEADS = 64;
/** The share of heads that may be unsaved: they are soon read again, and the file is written as a whole. */
const UNSAVED_SHARE = 0.02;

export interface ThreadIndexOptions extends Omit<FilterContext, 'names'> {
  readonly codexHome: string;
  readonly names: NameBook;
  /** Unix milliseconds, of the clock that stamps files. */
  readonly nowMs: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly steadyMs: () => number;
}

export interface PageControl {
  /** Paths that this program itself is writing to. */
  readonly busyPaths: readonly string[];
  /** Asked now and then; a page that nobody wants ends with what it has. */
  readonly isCancelled: () => boolean;
}

export class ThreadIndex {
  readonly #options: ThreadIndexOptions;
  readonly #sessions: Section;
  readonly #archived: Section;
  /** What was loaded and belongs to no known file yet; null before that. */
  #saved: SavedHead[] | null = null;
  #headsRead = 0;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: ThreadIndexOptions) {
    this.#options = options;
    const { codexHome, nowMs, steadyMs } = options;
    const clocks = { nowMs, steadyMs };
    this.#sessions = new Section({ root: join(codexHome, FOLDERS.sessions), ...clocks });
    this.#archived = new Section({ root: join(codexHome, FOLDERS.archived), ...clocks });
  }

  /** Throws the file system's error when the folder itself cannot be read. */
  async page(query: IndexQuery, control: PageControl): Promise<ListedThreads<ThreadSummary>> {
    const section = query.archived ? this.#archived : this.#sessions;
    section.update();
    this.#adopt(section);
    for (const path of control.busyPaths) section.lookAt(path);
    if (query.sortKey === 'updated_at') section.lookAtAll();
    const { processCwd, defaultProvider, names } = this.#options;
    const matches = matcherOf(query, { processCwd, defaultProvider, names: () => names.read() });
    return await this.#fill(section, { ...query, matches }, control);
  }

  /** Keeps what was read for the next run when it is worth it. Never throws: the file is only a convenience. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save()).catch(() => undefined); // no room, no rights: so be it
    return this.#saving;
  }

  async #fill(
    section: Section,
    { sortKey, direction, after, limit, matches }: IndexQuery & { readonly matches: Matcher },
    { isCancelled }: PageControl,
  ): Promise<ListedThreads<ThreadSummary>> {
    const { steadyMs } = this.#options;
    const order = section.orders[sortKey];
    const { files } = order;
    const step = direction === 'asc' ? 1 : -1;
    const threads: ThreadSummary[] = [];
    let sliceEndMs = steadyMs() + SLICE_MS;
    for (let at = order.behind(files, after, direction); at >= 0 && at < files.length; at += step) {
      const file = files[at];
      if (steadyMs() > sliceEndMs) {
        if (isCancelled()) break;
        await pause();
        sliceEndMs = steadyMs() + SLICE_MS;
      }
      // By last change, the page shows what the order was made from.
      const place = file === undefined ? null : order.placeOf(file);
      const summary =
        file === undefined ? null : this.#shown(section, file, { matches, isDated: sortKey === 'created_at' });
      if (summary === null || place === null) continue;
      threads.push(summary);
      if (threads.length === limit)
        return { threads, nextCursor: hasMore(files, at + step, step) ? cursorOf(place) : null };
    }
    return { threads, nextCursor: null };
  }

  /** What a page shows of a file; null when it does not. */
  #shown(
    section: Section,
    file: ListedFile,
    { matches, isDated }: { readonly matches: Matcher; readonly isDated: boolean },
  ): ThreadSummary | null {
    section.look(file);
    if (!this.#matches(section, file, matches)) return null;
    if (isDated && section.lookNow(file) && !this.#matches(section, file, matches)) return null;
    return file.summary();
  }

  #matches(section: Section, file: ListedFile, matches: Matcher): boolean {
    if (file.isGone || section.isOutdated(file)) return false;
    if (file.head === undefined) this.#expectHead(section);
    const head = section.readHead(file);
    return head !== null && matches(head);
  }

  /** Loads what is kept when many heads are needed: for a few it takes longer than reading them. */
  #expectHead(section: Section): void {
    this.#headsRead += 1;
    if (this.#headsRead <= FEW_HEADS || this.#saved !== null) return;
    this.#load();
    this.#adopt(section);
  }

  #load(): void {
    this.#saved ??= loadIndexFile(this.#options.codexHome) ?? [];
  }

  #adopt(section: Section): void {
    if (this.#saved === null || this.#saved.length === 0) return;
    const { codexHome } = this.#options;
    const folder = `${section === this.#archived ? FOLDERS.archived : FOLDERS.sessions}/`;
    const others: SavedHead[] = [];
    for (const saved of this.#saved) {
      if (saved.path.startsWith(folder)) section.adopt(join(codexHome, saved.path), saved);
      else others.push(saved);
    }
    this.#saved = others;
  }

  async #save(): Promise<void> {
    const sections = [this.#sessions, this.#archived];
    const unsaved = sections.reduce((sum, section) => sum + section.unsaved, 0);
    if (unsaved < FEW_HEADS) return;
    this.#load();
    for (const section of sections) if (section.isKnown) this.#adopt(section);
    const heads = [...this.#known(sections)];
    if (unsaved <= heads.length * UNSAVED_SHARE) return;
    for (const section of sections) section.unsaved = 0;
    await saveIndexFile(this.#options.codexHome, heads);
  }

  *#known(sections: readonly Section[]): Generator<SavedHead> {
    const { codexHome } = this.#options;
    for (const section of sections) {
      for (const { path, stamp, head } of section.files) {
        if (stamp !== null && head !== undefined) yield { path: relative(codexHome, path), stamp, head };
      }
    }
    yield* this.#saved ?? []; // of the section that nobody has asked for
  }
}

function hasMore(files: readonly ListedFile[], from: number, step: 1 | -1): boolean {
  for (let at = from; at >= 0 && at < files.length; at += step) if (files[at]?.isGone === false) return true;
  return false;
}
