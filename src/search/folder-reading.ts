/**
 * One round of reading folders into an index.
 *
 * In: folders to read. Out: nothing; the tree stores what it reads. Reads folders itself, and delegates new ones to
 * other threads while there are many. Owns the list of folders to read for the length of the round.
 */
import { OutOfDescriptors } from './disk.ts';
import type { FolderNode } from './folder-node.ts';
import type { RulesAbove, RuleText } from './folder-rules.ts';
import type { FolderTree } from './folder-tree.ts';
import type { ReadSteps, Visit } from './folder-visit.ts';
import type { FolderWatches } from './folder-watches.ts';
import type { Helpers } from './helpers.ts';
import { Pacer, pendingEventsHandled } from './pacer.ts';
import type { RulesOfFolders } from './rules-of-folders.ts';
import type { Subtrees } from './subtrees.ts';

export interface FolderReadingOptions {
  readonly tree: FolderTree;
  readonly rules: RulesOfFolders;
  readonly above: RulesAbove;
  /** Paths to skip. */
  readonly unreadable: () => readonly string[];
  readonly helpers: Helpers;
  /** Watches folders while the helpers read, so that few are left to watch at the end. */
  readonly watches: FolderWatches;
  /** Called now and then; an exception ends the round. */
  readonly onPause: () => void;
  /** There was no descriptor for a folder; it stays as it was. */
  readonly onNoRoom: (visit: Visit) => void;
}

/** Pending requests per helper, so that none has to wait for the next one. */
const REQUESTS_PER_HELPER = 2;
/** Fewer folders than this are read faster than delegated. */
const MIN_TO_SHARE = 8;
/**
 * With more characters of rules, which come with each request, a helper would spend more time on them than on
 * folders.
 */
const MAX_RULES_TO_SHARE = 32_768;
const MAX_PER_REQUEST = 64;
/** Short, because helpers wait in the meantime. */
const PIECE_MS = 4;

/** Folders that are delegated to another thread. */
interface Delegation {
  readonly visits: readonly Visit[];
  readonly begun: Int32Array;
  readonly done: Promise<void>;
}

export class FolderReading {
  readonly #options: FolderReadingOptions;
  readonly #visits: Visit[] = [];
  /** Links, followed after all other folders: most lead to one of those. */
  readonly #links: Visit[] = [];
  readonly #delegated = new Set<Delegation>();
  readonly #pacer = new Pacer(PIECE_MS);
  /** Length of the rules above the root, in UTF-16 units. */
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
    while (this.#visits.length > 0 || this.#delegated.size > 0 || this.#links.length > 0) {
      if (this.#isHelped) this.#delegateSome();
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
    const visit = this.#visits.pop() ?? (this.#delegated.size === 0 ? this.#links.pop() : undefined);
    if (visit === undefined) await this.#takeBackOrWait();
    else if (!visit.node.removed) {
      const steps = this.#read(visit);
      if (steps !== undefined) await steps;
    }
  }

  /** Reads a folder. Returns a promise if it is a large one, which is read with pauses. */
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

  async #takeSteps(reading: ReadSteps): Promise<void> {
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

  /** Delegates the folders that were found first, because most of the tree is below them. */
  #delegateSome(): void {
    const { helpers } = this.#options;
    if (helpers.count === 0 && this.#visits.length >= MIN_TO_SHARE) helpers.call();
    const most = helpers.count * REQUESTS_PER_HELPER;
    while (this.#delegated.size < most && this.#visits.length >= MIN_TO_SHARE) {
      const share = Math.min(MAX_PER_REQUEST, Math.ceil(this.#visits.length / (most + 1)));
      const visits: Visit[] = [];
      for (let at = 0; at < this.#visits.length && visits.length < share; at++) {
        const visit = this.#visits[at];
        if (visit !== undefined && this.#canDelegate(visit)) visits.push(visit);
      }
      if (visits.length === 0) return;
      const shared = new Set(visits);
      const kept = this.#visits.filter((visit) => !shared.has(visit));
      this.#visits.length = 0;
      this.#add(kept);
      this.#delegate(visits);
    }
  }

  #canDelegate({ node, deep }: Visit): boolean {
    if (deep || node.wasRead || node.removed) return false;
    let units = this.#unitsAbove;
    for (let at = node.parent; at !== undefined; at = at.parent)
      for (const { text } of at.ownRules) units += text.length;
    return units <= MAX_RULES_TO_SHARE;
  }

  #delegate(visits: readonly Visit[]): void {
    const { tree, above, helpers, unreadable } = this.#options;
    for (const { node } of visits) node.isDelegated = true;
    const begun = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const folders = visits.map(({ node }) => {
      return { path: node.path, device: node.parent?.identity.device ?? 0, rules: rulesAbove(node) };
    });

    const answer = helpers.read({ root: tree.rootPath, above, folders, unreadable: unreadable(), begun });
    const done = answer.then(
      (subtrees) => this.#take(delegation, subtrees),
      () => this.#lose(delegation),
    );
    const delegation: Delegation = { visits, begun: new Int32Array(begun), done };
    this.#delegated.add(delegation);
  }

  #take(delegation: Delegation, subtrees: Subtrees): void {
    if (!this.#end(delegation)) return; // taken back
    const nodes = delegation.visits.map(({ node }) => node);
    this.#add(this.#options.tree.take(nodes, subtrees));
  }

  #lose(delegation: Delegation): void {
    this.#isHelped = false;
    if (this.#end(delegation)) this.#add(delegation.visits);
  }

  /** Returns whether it was still pending. */
  #end(delegation: Delegation): boolean {
    if (!this.#delegated.delete(delegation)) return false;
    for (const { node } of delegation.visits) node.isDelegated = false;
    return true;
  }

  /** Takes back a request that no helper has started, instead of waiting for it. */
  async #takeBackOrWait(): Promise<void> {
    for (const delegation of this.#delegated) {
      if (Atomics.compareExchange(delegation.begun, 0, 0, 1) !== 0) continue;
      this.#end(delegation);
      this.#add(delegation.visits);
      return;
    }
    if (this.#options.watches.watchSome()) await pendingEventsHandled();
    else await Promise.race([...this.#delegated].map(({ done }) => done));
  }
}

/** Rules of the folders above one, from the root down. */
function rulesAbove(node: FolderNode): readonly (readonly RuleText[])[] {
  const texts: (readonly RuleText[])[] = [];
  for (let at = node.parent; at !== undefined; at = at.parent) texts.push(at.ownRules);
  return texts.reverse();
}
