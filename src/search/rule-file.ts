/**
 * The rules of one file, indexed so that few of them are tried per name.
 *
 * In: the text of a file. Out: its verdict about entries of folders at or below its own. Most rules are a whole name
 * or an ending and are looked up by it. The others are tried one by one, so their number is limited. Immutable.
 */
import type { GlobToken } from './glob.ts';
import { GlobProgram } from './glob-program.ts';
import { literalPrefixOf, literalTextOf, NameGlob } from './name-glob.ts';
import { lastComponent, parseRule, type Rule } from './rule-line.ts';

export type Verdict = 'ignored' | 'kept' | undefined;

/** An entry of a folder. */
export interface FolderEntry {
  /** Relative to the folder of the file; empty or ending in a slash. */
  readonly folder: string;
  readonly name: string;
  readonly isFolder: boolean;
}

/** Longer lines are skipped: no path is that long. */
const MAX_LINE_UNITS = 4_096;
const MAX_RULES = 65_536;
/**
 * Limits of rules that are tried one by one, and of their tokens; a name takes some milliseconds at worst, as
 * measured.
 */
const MAX_GLOBS = 4_096;
const MAX_GLOB_PIECES = 16_384;

/**
 * Maximum length of all rules that must be parsed (plain names excluded): at worst a second's work on a slow machine.
 */
const MAX_PARSED_UNITS = 131_072;
/** Rules that are recognisable as plain names. */
const PLAIN_NAME = /^[\w.-]+$/;
/** With this many rules to try, they dominate the time per name. */
const MANY_GLOBS = 256;

const NONE = -1;

/** The last rules for some key: for any entry, and for folders only. */
class Latest {
  #any = NONE;
  #folders = NONE;

  note(id: number, foldersOnly: boolean): void {
    if (foldersOnly) this.#folders = id;
    else this.#any = id;
  }

  of(isFolder: boolean): number {
    return isFolder ? Math.max(this.#any, this.#folders) : this.#any;
  }
}

/** A rule that has to be tried. */
interface Glob {
  readonly id: number;
  readonly foldersOnly: boolean;
  readonly byName: boolean;
  /** Folders that paths must be in to match; empty or ending in a slash. */
  readonly within: string;
  readonly pattern: Pick<NameGlob, 'matches'>;
}

/** Rules about paths with the same last component, or with the same ending of it. */
class Bucket {
  readonly names = new Latest();
  readonly #paths = new Map<string, Latest>();
  /** Last one first. */
  readonly #globs: Glob[] = [];

  addPath(path: string): Latest {
    const latest = this.#paths.get(path) ?? new Latest();
    this.#paths.set(path, latest);
    return latest;
  }

  addGlob(glob: Glob): void {
    this.#globs.unshift(glob);
  }

  /** The last rule about an entry. */
  last(entry: FolderEntry): number {
    let best = this.names.of(entry.isFolder);
    if (this.#paths.size > 0) {
      best = Math.max(best, this.#paths.get(entry.folder + entry.name)?.of(entry.isFolder) ?? NONE);
    }
    return this.#globs.length === 0 ? best : lastGlob(this.#globs, entry, best);
  }
}

/** The last of some rules about an entry (they are sorted last one first), or `best` if that is later. */
function lastGlob(globs: readonly Glob[], { folder, name, isFolder }: FolderEntry, best: number): number {
  for (const { id, foldersOnly, byName, within, pattern } of globs) {
    if (id < best) break;
    if ((foldersOnly && !isFolder) || !folder.startsWith(within)) continue;
    if (pattern.matches(byName ? name : folder + name)) return id;
  }
  return best;
}

/** Buckets by ending, grouped by last character. */
class Endings {
  readonly #byLast = new Map<string, Map<string, Bucket>>();
  readonly #lengths = new Map<string, Set<number>>();

  bucket(ending: string): Bucket {
    const last = ending.slice(-1);
    const group = this.#byLast.get(last) ?? new Map<string, Bucket>();
    const bucket = group.get(ending) ?? new Bucket();
    this.#byLast.set(last, group.set(ending, bucket));
    this.#lengths.set(last, (this.#lengths.get(last) ?? new Set<number>()).add(ending.length));
    return bucket;
  }

  last(entry: FolderEntry, best: number): number {
    const { name } = entry;
    const last = name.slice(-1);
    const group = this.#byLast.get(last);
    if (group === undefined) return best;
    let found = best;
    for (const length of this.#lengths.get(last) ?? []) {
      if (length > name.length) continue;
      const bucket = group.get(name.slice(-length));
      if (bucket !== undefined) found = Math.max(found, bucket.last(entry));
    }
    return found;
  }
}

export class RuleFile {
  /** Number of rules that were left out because they are too long or too many. */
  readonly skippedCount: number;
  readonly #negated: boolean[] = [];
  readonly #names = new Map<string, Bucket>();
  readonly #endings = new Endings();
  /** Rules whose last component cannot be indexed; last one first. */
  readonly #globs: readonly Glob[];
  #globCount = 0;
  #pieces = 0;

  constructor(text: string) {
    const globs: Glob[] = [];
    let skippedCount = 0;
    let parsedUnits = 0;
    for (const line of linesOf(text)) {
      if (line.length > MAX_LINE_UNITS || this.#negated.length >= MAX_RULES) {
        skippedCount += line.startsWith('#') ? 0 : 1;
        continue;
      }
      if (PLAIN_NAME.test(line)) {
        this.#addName(line);
        continue;
      }
      parsedUnits += line.length;
      if (parsedUnits > MAX_PARSED_UNITS) {
        skippedCount += line.startsWith('#') ? 0 : 1;
        continue;
      }
      const rule = parseRule(line);
      if (rule !== undefined && !this.#add(rule, globs)) skippedCount += 1;
    }
    this.#globs = globs.reverse();
    this.skippedCount = skippedCount;
  }

  /** Whether checking a name may take milliseconds. */
  get isSlow(): boolean {
    return this.#globCount > MANY_GLOBS;
  }

  verdict(entry: FolderEntry): Verdict {
    let last = this.#names.get(entry.name)?.last(entry) ?? NONE;
    last = this.#endings.last(entry, last);
    if (this.#globs.length > 0) last = lastGlob(this.#globs, entry, last);
    if (last === NONE) return undefined;
    return this.#negated[last] === true ? 'kept' : 'ignored';
  }

  #addName(name: string): void {
    this.#bucketOf(name).names.note(this.#negated.length, false);
    this.#negated.push(false);
  }

  #bucketOf(name: string): Bucket {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const bucket = new Bucket();
    this.#names.set(name, bucket);
    return bucket;
  }

  /** Returns whether there was room for it. */
  #add(rule: Rule, globs: Glob[]): boolean {
    const { tokens, foldersOnly, byName } = rule;
    const bucket = this.#bucketFor(byName ? tokens : lastComponent(rule));
    const id = this.#negated.length;
    if (bucket !== undefined && byName) {
      bucket.names.note(id, foldersOnly);
    } else if (bucket !== undefined && tokens.every(({ kind }) => kind === 'unit')) {
      bucket.addPath(literalTextOf(tokens)).note(id, foldersOnly);
    } else {
      const pattern = this.#patternOf(rule);
      if (pattern === undefined) return false;
      const head = byName ? '' : literalPrefixOf(tokens);
      const within = head.slice(0, head.lastIndexOf('/') + 1);
      const glob: Glob = { id, foldersOnly, byName, within, pattern };
      if (bucket === undefined) globs.push(glob);
      else bucket.addGlob(glob);
    }
    this.#negated.push(rule.negated);
    return true;
  }

  /** The bucket for rules whose last component is literal, or literal after a leading star. */
  #bucketFor(last: readonly GlobToken[] | undefined): Bucket | undefined {
    const [first, ...rest] = last ?? [];
    if (last === undefined || first === undefined || !rest.every(({ kind }) => kind === 'unit')) return undefined;
    if (first.kind === 'unit') return this.#bucketOf(literalTextOf(last));
    return first.kind === 'star' && rest.length > 0 ? this.#endings.bucket(literalTextOf(rest)) : undefined;
  }

  #patternOf({ tokens, byName }: Rule): Pick<NameGlob, 'matches'> | undefined {
    const isSimple = byName && tokens.every(({ kind }) => kind !== 'either');
    const pattern = isSimple ? new NameGlob(tokens) : new GlobProgram(tokens);
    if (this.#globCount >= MAX_GLOBS || this.#pieces + pattern.size > MAX_GLOB_PIECES) return undefined;
    this.#globCount += 1;
    this.#pieces += pattern.size;
    return pattern;
  }
}

function* linesOf(text: string): Iterable<string> {
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    yield text.slice(start, found !== -1 && text[end - 1] === '\r' ? end - 1 : end);
    start = end + 1;
  }
}
