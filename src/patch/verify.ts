/**
 * Sections -> the changes they would make, before anyone is asked and anything is written. Reads files, writes none.
 *
 * Sections are gone through in their order, each on what the ones before it leave.
 */
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { isMissing, osErrorText } from '../base/os-error.ts';
import { type PatchReader, writtenPlace } from './disk.ts';
import { applyChunks } from './match.ts';
import type { PatchSection } from './parse.ts';
import { joinPath, resolvePath } from './paths.ts';
import { changesOf, type Found, type PatchChange, type PatchPlan, type PlannedFile, stepsOf } from './plan.ts';
import { decodeText } from './text-file.ts';

export type { PatchReader } from './disk.ts';
export type { PatchChange } from './plan.ts';

/** A path of the patch, absolute, that goes through a link, and the place that it leads to. */
interface LinkedPath {
  readonly path: string;
  readonly place: string;
}

/** `changes` name files by their place where a link below `cwd`, or on the way from elsewhere, is in between. */
export type VerifiedPatch =
  | {
      readonly ok: true;
      readonly changes: readonly PatchChange[];
      readonly plan: PatchPlan;
      readonly links: readonly LinkedPath[];
    }
  | { readonly ok: false; readonly message: string };

export interface VerifyOptions {
  /** Absolute; what relative paths start from. */
  readonly cwd: string;
  readonly disk: PatchReader;
  /** How messages name a file: its whole path, or as the patch does. */
  readonly names: 'absolute' | 'as-written';
}

/**
 * Computes the net change of every file from the files as they are now. `message` is for the model: it names the file and
 * the reason.
 */
export async function verifyPatch(sections: readonly PatchSection[], options: VerifyOptions): Promise<VerifiedPatch> {
  const verifier = new Verifier(options);
  try {
    for (const section of sections) await verifier.take(section);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, message: error.message };
  }
  return verifier.result();
}

class Refusal extends Error {}

type Update = Extract<PatchSection, { kind: 'update' }>;

class Verifier {
  readonly #options: VerifyOptions;
  /** By place. */
  readonly #files = new Map<string, PlannedFile>();
  readonly #done = { A: [] as string[], M: [] as string[], D: [] as string[] };
  readonly #overwritten: string[] = [];
  readonly #links: LinkedPath[] = [];
  #realCwd: string | null = null;

  constructor(options: VerifyOptions) {
    this.#options = options;
  }

  async take(section: PatchSection): Promise<void> {
    switch (section.kind) {
      case 'add':
        return this.#add(section.path, section.content);
      case 'delete':
        return this.#delete(section.path);
      case 'update':
        return this.#update(section);
    }
  }

  result(): VerifiedPatch {
    const files = [...this.#files.values()];
    const lines = Object.entries(this.#done).flatMap(([mark, paths]) => paths.map((path) => `${mark} ${path}`));
    const remarks = this.#overwritten.map((path) => `${path} existed before: its old content was overwritten.`);
    const summary = ['Success. Updated the following files:', ...lines, ...remarks].join('\n');
    return { ok: true, changes: changesOf(files), plan: { steps: stepsOf(files), summary }, links: this.#links };
  }

  async #add(path: string, content: string): Promise<void> {
    const file = await this.#open(path, 'target', `Failed to write file ${this.#name(path)}`);
    if (file.before !== null && file.now !== null) this.#overwritten.push(path);
    file.now = { text: content, from: null };
    this.#done.A.push(path);
  }

  async #delete(path: string): Promise<void> {
    const fault = `Failed to read ${this.#name(path)}`;
    const file = await this.#open(path, 'name', fault);
    if (file.now === null) throw missing(fault);
    file.now = null;
    this.#done.D.push(path);
  }

  async #update(section: Update): Promise<void> {
    const fault = `Failed to read file to update ${this.#name(section.path)}`;
    const file = await this.#open(section.path, 'target', fault);
    if (file.now === null) throw missing(fault);
    const matched = applyChunks(file.now.text, section.chunks, this.#name(section.path));
    if (!matched.ok) throw new Refusal(matched.message);
    const now = { text: matched.content, from: file.now.from };
    if (section.movePath === null) file.now = now;
    else await this.#move(file, now, { from: section.path, to: section.movePath });
    this.#done.M.push(section.movePath ?? section.path);
  }

  async #move(
    file: PlannedFile,
    now: NonNullable<PlannedFile['now']>,
    { from, to }: { readonly from: string; readonly to: string },
  ): Promise<void> {
    const { cwd, disk } = this.#options;
    const fault = `Failed to move ${this.#name(from)} to ${this.#name(to)}`;
    const place = await disk.place(resolvePath(cwd, to)).catch((error: unknown) => {
      throw new Refusal(`${fault}: ${osErrorText(error)}`);
    });
    // A file moved onto itself, also by another way, is changed where it is.
    if (place === file.place || (await writtenPlace(place, disk)) === file.place) {
      file.now = now;
      return;
    }
    const isOtherName = await disk.isSameName(file.place, place);
    const target = isOtherName ? await this.#plan(place, to, null) : await this.#open(to, 'name', fault);
    if (target.now !== null) {
      throw new Refusal(`${fault}: a file of that name exists. Delete it in a section before this one to replace it`);
    }
    // What has the old name goes: the file, or the link to it.
    const source = await this.#open(from, 'name', fault);
    source.now = null;
    target.now = now;
    target.otherName = isOtherName ? file.place : null;
  }

  /** The file that a path stands for: by `name` the link itself, as `target` what it leads to. */
  async #open(path: string, as: 'name' | 'target', fault: string): Promise<PlannedFile> {
    const { cwd, disk } = this.#options;
    try {
      const named = await disk.place(resolvePath(cwd, path));
      const follows = as === 'target' && !this.#isReplacedLink(named);
      const place = follows ? await writtenPlace(named, disk) : named;
      const planned = this.#files.get(place);
      if (planned !== undefined) return planned;
      const found = await look(place, disk);
      if (follows && found?.kind === 'link') throw new Error('Too many levels of symbolic links (os error 40)');
      return await this.#plan(place, path, found);
    } catch (error) {
      throw new Refusal(`${fault}: ${osErrorText(error)}`);
    }
  }

  /** A link on disk that is none any more for the sections that follow. */
  #isReplacedLink(place: string): boolean {
    const file = this.#files.get(place);
    return file?.before?.kind === 'link' && file.now?.from !== file;
  }

  async #plan(place: string, written: string, before: Found | null): Promise<PlannedFile> {
    const path = await this.#shownPath(place, written);
    const file: PlannedFile = { place, path, written, before, now: null, otherName: null };
    if (before !== null) file.now = { text: before.text, from: file };
    this.#files.set(place, file);
    return file;
  }

  /** As written, unless that would hide where the file is. */
  async #shownPath(place: string, written: string): Promise<string> {
    const { cwd, disk } = this.#options;
    this.#realCwd ??= dirname(await disk.place(join(cwd, 'name')));
    const named = resolvePath(cwd, written);
    const below = relative(cwd, named);
    const isBelow = below.split(sep)[0] !== '..' && !isAbsolute(below);
    if (place === (isBelow ? join(this.#realCwd, below) : named)) return joinPath(cwd, written);
    this.#links.push({ path: named, place });
    return place;
  }

  #name(path: string): string {
    return this.#options.names === 'absolute' ? joinPath(this.#options.cwd, path) : path;
  }
}

async function look(place: string, disk: PatchReader): Promise<Found | null> {
  const target = await disk.readLink(place);
  if (target !== null) return { kind: 'link', text: target };
  try {
    return { kind: 'text', text: decodeText(await disk.readFile(place)) };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

const missing = (fault: string): Refusal => new Refusal(`${fault}: No such file or directory (os error 2)`);
