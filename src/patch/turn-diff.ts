// What the patches of one turn changed, all in all, as one git-style diff.
//
// In: the changes of each patch before it is applied, then questions. Out: text. Owns the baselines: content and mode of
// each file when the turn first touched it. Compared is always with the disk as it is now, so what a shell command does
// to such a file shows as well; files that only shell commands touch do not.
import { isUtf8 } from 'node:buffer';
import { dirname, relative, resolve, sep } from 'node:path';
import { unifiedHunks } from './line-diff.ts';
import type { PatchChange } from './plan.ts';
import { type FileSnapshot, type FileState, findWorkTree, type TrackedFiles, trackedDisk } from './tracked-file.ts';

/** `currentPath` follows moves; `movedFrom` is where the file was before its last one. */
interface TrackedFile {
  readonly firstPath: string;
  readonly baseline: FileSnapshot;
  currentPath: string;
  movedFrom: string | undefined;
  /** What was last rendered, and from what: most files are the same the next time. */
  rendered: { readonly of: string; readonly text: string } | undefined;
}

const CONTEXT_LINES = 3;
const NO_BLOB = '0'.repeat(40);

/** Calls must not overlap: a baseline is only one if it is read before the patch is applied. */
export class TurnDiff {
  readonly #files: TrackedFiles;
  readonly #tracked: TrackedFile[] = [];
  readonly #workTrees = new Map<string, string | undefined>();

  constructor(files: TrackedFiles = trackedDisk) {
    this.#files = files;
  }

  /** Takes the baseline of every path that is new to the turn. To be awaited before the patch is applied. */
  async touch(changes: readonly PatchChange[]): Promise<void> {
    await this.#undoFailedMoves();
    for (const change of changes) {
      const named = resolve(change.path);
      const path = change.kind === 'delete' || change.movePath !== null ? named : await this.#files.target(named);
      const file = this.#find(path) ?? (await this.#track(path));
      if (change.movePath !== null) this.#move(file, resolve(change.movePath));
    }
  }

  /** The aggregate diff, ordered by path; empty when nothing differs from the baselines. */
  async render(): Promise<string> {
    await this.#undoFailedMoves();
    const entries: { name: string; text: string }[] = [];
    for (const file of this.#tracked) {
      const current = await this.#files.snapshot(file.currentPath);
      const names = { old: await this.#name(file.firstPath), new: await this.#name(file.currentPath) };
      const of = JSON.stringify([names, identityOf(file.baseline), identityOf(current)]);
      if (file.rendered?.of !== of) file.rendered = { of, text: renderFile(names, file.baseline, current) };
      entries.push({ name: names.new, text: file.rendered.text });
    }
    const texts = entries
      .toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
      .map(({ text }) => text);
    // A file that is back to its baseline still leaves its line end, as observed on codex app-server 0.94.0.
    const whole = texts.reduce((sum, text) => endLine(sum + text), '');
    return whole.trim() === '' ? '' : whole;
  }

  #find(path: string): TrackedFile | undefined {
    return this.#tracked.find((file) => file.currentPath === path);
  }

  async #track(path: string): Promise<TrackedFile> {
    const baseline = await this.#files.snapshot(path);
    const file: TrackedFile = {
      firstPath: path,
      baseline,
      currentPath: path,
      movedFrom: undefined,
      rendered: undefined,
    };
    this.#tracked.push(file);
    return file;
  }

  #move(file: TrackedFile, destination: string): void {
    if (destination === file.currentPath) return;
    const overwritten = this.#find(destination);
    // Over a file with a baseline, the truth is a change there and a removal here: two entries under their own names.
    if (overwritten !== undefined && overwritten.baseline !== 'absent') return;
    if (overwritten !== undefined) this.#tracked.splice(this.#tracked.indexOf(overwritten), 1);
    file.movedFrom = file.currentPath;
    file.currentPath = destination;
  }

  /** A patch may fail after `touch`; the file is then still where it was. */
  async #undoFailedMoves(): Promise<void> {
    for (const file of this.#tracked) {
      const source = file.movedFrom;
      if (source === undefined) continue;
      const isUndone = !(await this.#files.exists(file.currentPath)) && (await this.#files.exists(source));
      if (isUndone && this.#find(source) === undefined) file.currentPath = source;
      file.movedFrom = undefined;
    }
  }

  /** Relative to the work tree around the file; outside of one absolute, which makes `a//abs/path`. */
  async #name(path: string): Promise<string> {
    const folder = dirname(path);
    if (!this.#workTrees.has(folder)) this.#workTrees.set(folder, await findWorkTree(folder, this.#files));
    const root = this.#workTrees.get(folder);
    return (root === undefined ? path : relative(root, path)).replaceAll(sep, '/');
  }
}

const identityOf = (snapshot: FileSnapshot): string =>
  typeof snapshot === 'string' ? snapshot : `${snapshot.mode} ${snapshot.blobId}`;

const endLine = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

function renderFile(names: { old: string; new: string }, old: FileSnapshot, current: FileSnapshot): string {
  if (old === 'unknown' || current === 'unknown') return '';
  const before = old === 'absent' ? undefined : old;
  const after = current === 'absent' ? undefined : current;
  // A change of mode or name alone is not reported, as observed on codex app-server 0.94.0.
  if (before?.blobId === after?.blobId) return '';
  return (
    `diff --git a/${names.old} b/${names.new}\n` +
    modeLines(before, after) +
    `index ${before?.blobId ?? NO_BLOB}..${after?.blobId ?? NO_BLOB}\n` +
    body(names, before, after)
  );
}

function modeLines(before: FileState | undefined, after: FileState | undefined): string {
  if (before === undefined) return after === undefined ? '' : `new file mode ${after.mode}\n`;
  if (after === undefined) return `deleted file mode ${before.mode}\n`;
  return before.mode === after.mode ? '' : `old mode ${before.mode}\nnew mode ${after.mode}\n`;
}

function body(names: { old: string; new: string }, before?: FileState, after?: FileState): string {
  const files =
    (before === undefined ? '--- /dev/null\n' : `--- a/${names.old}\n`) +
    (after === undefined ? '+++ /dev/null\n' : `+++ b/${names.new}\n`);
  const contents = [before, after].map((side) => side?.content ?? Buffer.alloc(0));
  if (!contents.every((content) => isUtf8(content))) return `${files}Binary files differ\n`;
  const [oldText = '', newText = ''] = contents.map((content) => content.toString('utf8'));
  const hunks = unifiedHunks(oldText, newText, CONTEXT_LINES);
  return hunks === '' ? '' : files + hunks;
}
