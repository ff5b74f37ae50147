/** The list of the threads that are archived, or of those that are not: files, their orders, and how fresh they are. */
import { RolloutFolders, type RolloutFoldersOptions } from './folders.ts';
import type { ListedFile, ListedHead } from './listed-file.ts';
import { isSameStamp } from './listed-file.ts';
import { Order, type SortKey } from './order.ts';
import type { SavedHead } from './saved-heads.ts';

/** What others append shows within two seconds; this leaves some time to answer. */
const STALE_AFTER_MS = 1500;

export interface SectionOptions extends Pick<RolloutFoldersOptions, 'root' | 'nowMs'> {
  /** Milliseconds of a clock that never goes back. */
  readonly steadyMs: () => number;
}

export class Section {
  readonly orders: Readonly<Record<SortKey, Order>> = {
    created_at: new Order('created_at'),
    updated_at: new Order('updated_at'),
  };
  /** Heads that were read and are not saved yet. */
  unsaved = 0;
  readonly #options: SectionOptions;
  readonly #tree: RolloutFolders;
  /** Later files of threads, by thread: whoever took a thread back went on in one. */
  readonly #later = new Map<string, Set<ListedFile>>();
  #updated = false;

  constructor(options: SectionOptions) {
    this.#options = options;
    const { created_at, updated_at } = this.orders;
    this.#tree = new RolloutFolders({
      ...options,
      onAdded: (file) => {
        created_at.add(file);
        updated_at.add(file);
        if (file.revision === null) return;
        const later = this.#later.get(file.id) ?? new Set();
        this.#later.set(file.id, later.add(file));
      },
      onRemoved: (file) => {
        this.#later.get(file.id)?.delete(file);
        this.#disturb();
      },
    });
  }

  /** Whether the files are known at all. */
  get isKnown(): boolean {
    return this.#updated;
  }

  get files(): readonly ListedFile[] {
    return this.orders.created_at.files;
  }

  /** Whether the thread goes on in another file. */
  isOutdated({ id, revision }: ListedFile): boolean {
    for (const later of this.#later.get(id) ?? []) {
      if (!later.isGone && (later.revision ?? '') > (revision ?? '')) return true;
    }
    return false;
  }

  /** Finds what was added and removed. Throws the file system's error when the folder itself cannot be read. */
  update(): void {
    this.#tree.update();
    this.#updated = true;
  }

  /** Looks at a file that may have changed this very moment. */
  lookAt(path: string): void {
    const file = this.#tree.find(path);
    if (file !== undefined) this.lookNow(file);
  }

  lookNow(file: ListedFile): boolean {
    return this.#look(file, Number.POSITIVE_INFINITY);
  }

  /** Looks at a file unless what is known of it is fresh enough. */
  look(file: ListedFile): boolean {
    return this.#look(file, this.#options.steadyMs() - STALE_AFTER_MS);
  }

  lookAtAll(): void {
    for (const file of this.files) this.look(file);
  }

  /** Takes a head from an earlier run, unless more is known already. */
  adopt(path: string, { stamp, head }: Omit<SavedHead, 'path'>): void {
    const file = this.#tree.find(path);
    if (file === undefined || file.head !== undefined) return;
    if (file.stamp !== null && !isSameStamp(file.stamp, stamp)) return;
    if (file.stamp === null) {
      file.stamp = stamp;
      this.orders.updated_at.disturb();
    }
    file.head = head;
  }

  readHead(file: ListedFile): ListedHead | null {
    const wasRead = file.head !== undefined;
    const head = file.readHead();
    if (!wasRead && file.head !== undefined) this.unsaved += 1;
    return head;
  }

  #look(file: ListedFile, sinceMs: number): boolean {
    const changed = file.look(this.#options.steadyMs(), sinceMs);
    if (changed) this.orders.updated_at.disturb();
    if (file.isGone) this.#disturb();
    return changed;
  }

  #disturb(): void {
    this.orders.created_at.disturb();
    this.orders.updated_at.disturb();
  }
}
