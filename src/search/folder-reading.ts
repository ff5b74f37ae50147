/**
 * One round of reading folders into an index.
 *
 * In: folders to read. Out: nothing; the tree knows what is in them. Reads folders itself, and lets other threads read
 * some that are new while there are many. Owns what is still to be read, for as long as the round lasts.
 */
import { OutOfDescriptors } from './disk.ts';
import type { FolderNode } from './folder-node.ts';
import type { RulesAbove, RuleText } from './folder-rules.ts';
import type { FolderTree } from './folder-tree.ts';
import type { Reading, Visit } from './folder-visit.ts';
import type { FolderWatches } from './folder-watches.ts';
import type { Helpers } from './helpers.ts';
import { heardAll, Pacer } from './pacer.ts';
import type { RulesOfFolders } from './rules-of-folders.ts';
import type { Subtrees } from './subtrees.ts';

export interface FolderReadingOptions {
  readonly tree: FolderTree;
  readonly rules: RulesOfFolders;
  readonly above: RulesAbove;
  /** Paths that are not to be touched. */
  readonly unreadable: () => readonly string[];
  readonly helpers: Helpers;
  /** Has folders watched while the helpers read, so that little is left to be watched in the end. */
  readonly watches: FolderWatches;
  /** Called now and then; what it throws ends the round. */
  readonly onPause: () => void;
  /** A folder that there was no descriptor for; it stays as it was. */
  readonly onNoRoom: (visit: Visit) => void;
}

/** Requests on their way for each helper, so that none waits for the next one. */
const REQUESTS_PER_HELPER = 2;
/** Fewer folders are read sooner than handed over. */
const LEAST_TO_SHARE = 8;
/** With more rules, in characters, a helper would have more to do with them than with the folders: they come with each request. */
const MOST_RULES_TO_SHARE = 32_768;
const MOST_PER_REQUEST = 64;
/** Short, for helpers wait meanwhile. */
const PIECE_MS = 4;

/** Folders that another thread reads, or will. */
interface Handed {
  readonly visits: readonly Visit[];
  readonly begun: Int32Array;
  readonly done: Promise<void>;
}

export class FolderReading {
  readonly #options: FolderReadingOptions;
  readonly #visits: Visit[] = [];
  /** Links, which are followed when all other folders have been read: most lead to one of those. */
  readonly #links: Visit[] = [];
  readonly #handed = new Set<Handed>();
  readonly #pacer = new Pacer(PIECE_MS);
  /** Of the rules above the root. */
  readonly #unitsAbove: number;
  #isHelped = true;

  constructor(options: FolderReadingOptions) {
    this.#options = options;
    const { globalExcludes, folders } = options.above;
    const texts = [globalExcludes, ...folders.flatMap(({ own }) => own)];
    this.#unitsAbove = texts.reduce((sum, each) => sum + (each?.text.length ?? 0), 0);
  }

  /** Reads these folders and all that is new below them. */
  async run(visits: readonly Visit[]): Promise<void> {
    const { watches } = this.#options;
    const pacer = this.#pacer;
    this.#add(visits);
    while (this.#visits.length > 0 || this.#handed.size > 0 || this.#links.length > 0) {
      if (this.#isHelped) this.#share();
      if (watches.isBehind) watches.watchSome();
      else await this.#readNext();
      if (pacer.isDue) await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    await this.#pacer.pause();
    this.#options.onPause();
  }

  async #readNext(): Promise<void> {
    const visit = this.#visits.pop() ?? (this.#handed.size === 0 ? this.#links.pop() : undefined);
    if (visit === undefined) await this.#takeBackOrWait();
    else if (!visit.node.removed) {
      const steps = this.#read(visit);
      if (steps !== undefined) await steps;
    }
  }

  /** Reads a folder; resolves later if it is a large one, with pauses. */
  #read(visit: Visit): Promise<void> | undefined {
    const { tree, rules } = this.#options;
    try {
      const read = tree.read(visit, rules);
      if ('next' in read) return this.#takeSteps(read).catch((error: unknown) => this.#miss(visit, error));
      this.#add(read);
    } catch (error) {
      this.#miss(visit, error);
    }
    return undefined;
  }

  #miss(visit: Visit, error: unknown): void {
    if (!(error instanceof OutOfDescriptors)) throw error;
    this.#options.onNoRoom(visit);
  }

  async #takeSteps(reading: Reading): Promise<void> {
    try {
      for (;;) {
        const { done, value } = reading.next();
        if (done === true) {
          this.#add(value);
          return;
        }
        if (this.#pacer.isDue) await this.#pause();
      }
    } finally {
      reading.return([]);
    }
  }

  #add(visits: readonly Visit[]): void {
    for (const visit of visits) (visit.node.isLink ? this.#links : this.#visits).push(visit);
  }

  /** Hands over folders that were found first, for most is below them. */
  #share(): void {
    const { helpers } = this.#options;
    if (helpers.count === 0 && this.#visits.length >= LEAST_TO_SHARE) helpers.call();
    const most = helpers.count * REQUESTS_PER_HELPER;
    while (this.#handed.size < most && this.#visits.length >= LEAST_TO_SHARE) {
      const share = Math.min(MOST_PER_REQUEST, Math.ceil(this.#visits.length / (most + 1)));
      const visits: Visit[] = [];
      for (let at = 0; at < this.#visits.length && visits.length < share; at++) {
        const visit = this.#visits[at];
        if (visit !== undefined && this.#canHand(visit)) visits.push(visit);
      }
      if (visits.length === 0) return;
      const shared = new Set(visits);
      const kept = this.#visits.filter((visit) => !shared.has(visit));
      this.#visits.length = 0;
      this.#add(kept);
      this.#hand(visits);
    }
  }

  #canHand({ node, deep }: Visit): boolean {
    if (deep || node.wasRead || node.removed) return false;
    let units = this.#unitsAbove;
    for (let at = node.parent; at !== undefined; at = at.parent)
      for (const { text } of at.ownRules) units += text.length;
    return units <= MOST_RULES_TO_SHARE;
  }

  #hand(visits: readonly Visit[]): void {
    const { tree, above, helpers, unreadable } = this.#options;
    for (const { node } of visits) node.isHanded = true;
    const begun = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const folders = visits.map(({ node }) => {
      return { path: node.path, device: node.parent?.identity.device ?? 0, rules: rulesAbove(node) };
    });

    const answer = helpers.read({ root: tree.rootPath, above, folders, unreadable: unreadable(), begun });
    const done = answer.then(
      (subtrees) => this.#take(handed, subtrees),
      () => this.#lose(handed),
    );
    const handed: Handed = { visits, begun: new Int32Array(begun), done };
    this.#handed.add(handed);
  }

  #take(handed: Handed, subtrees: Subtrees): void {
    if (!this.#end(handed)) return; // taken back
    const nodes = handed.visits.map(({ node }) => node);
    this.#add(this.#options.tree.take(nodes, subtrees));
  }

  #lose(handed: Handed): void {
    this.#isHelped = false;
    if (this.#end(handed)) this.#add(handed.visits);
  }

  /** Says whether it was still on. */
  #end(handed: Handed): boolean {
    if (!this.#handed.delete(handed)) return false;
    for (const { node } of handed.visits) node.isHanded = false;
    return true;
  }

  /** What nobody has begun with is done here, instead of waiting for somebody to have time. */
  async #takeBackOrWait(): Promise<void> {
    for (const handed of this.#handed) {
      if (Atomics.compareExchange(handed.begun, 0, 0, 1) !== 0) continue;
      this.#end(handed);
      this.#add(handed.visits);
      return;
    }
    if (this.#options.watches.watchSome()) await heardAll();
    else await Promise.race([...this.#handed].map(({ done }) => done));
  }
}

/** Rules of the folders above one, from the root down. */
function rulesAbove(node: FolderNode): readonly (readonly RuleText[])[] {
  const texts: (readonly RuleText[])[] = [];
  for (let at = node.parent; at !== undefined; at = at.parent) texts.push(at.ownRules);
  return texts.reverse();
}
