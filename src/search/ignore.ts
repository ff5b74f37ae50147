/**
 * Which files of a tree are left out: the rules of `.ignore` and `.gitignore` files, of `.git/info/exclude` and of the
 * user's global excludes.
 *
 * In: the text of such files, folder by folder. Out: whether an entry is ignored. All values here are immutable: a
 * folder's rules are those of its parent plus its own.
 */
import ignore, { type Ignore, type PatternParams, type TestResult } from 'ignore';
import { NameFilter } from './name-filter.ts';

/** Sources of rules, the strongest first; within one source the deeper file wins. */
const SOURCES = ['dotIgnore', 'gitIgnore', 'infoExclude', 'globalExcludes'] as const;

/** Where rules come from. */
export type RuleSource = (typeof SOURCES)[number];

type Verdict = 'ignored' | 'kept' | undefined;

const OPTIONS = { ignoreCase: false } as const;
const LINE_END = /\r?\n/;
const MOST_REMEMBERED = 4_096;
/** A pattern without a separator but at its end looks at names, whatever folder they are in. */
const NAME_PATTERN = /^!?[^/]*\/?\s*$/;

/** The rules of one file. */
class RuleFile {
  readonly #lines: readonly PatternParams[];
  readonly #filter: NameFilter;
  /** Made when a name passes the filter, which many a file never sees. */
  #rules: Ignore | undefined;
  /** Rules that are asked about names alone, after the others; see `within`. */
  readonly #nameRules: Ignore | undefined;
  #asked = 0;

  constructor(lines: readonly PatternParams[], nameLines: readonly PatternParams[] = []) {
    this.#lines = lines;
    this.#filter = new NameFilter([...lines, ...nameLines].map(({ pattern }) => pattern));
    this.#nameRules = nameLines.length === 0 ? undefined : ignore(OPTIONS).add(nameLines);
  }

  static parse(text: string): RuleFile {
    return new RuleFile(text.split(LINE_END).map((pattern, index) => ({ pattern, mark: String(index) })));
  }

  /** `folder` and `name` make up a path relative to the file's own folder; a folder's name ends in a slash. */
  verdict(folder: string, name: string): Verdict {
    if (!this.#filter.mayConcern(name)) return undefined;
    const { ignored, unignored } = this.#test(folder + name);
    if (ignored) return 'ignored';
    if (unignored) return 'kept';
    return this.#nameRules?.test(name).ignored === true ? 'ignored' : undefined;
  }

  #test(path: string): TestResult {
    // The library remembers every path that it was ever asked about.
    if (this.#asked % MOST_REMEMBERED === 0) this.#rules = undefined;
    this.#asked += 1;
    this.#rules ??= ignore(OPTIONS).add(this.#lines);
    return this.#rules.test(path);
  }

  /**
   * The rules for the inside of a folder that is walked although a rule of this file ignores it, because a stronger
   * file keeps it or because the user named it. The library ignores all below an ignored folder, so that rule has to
   * go; if it is one for names, it still holds for names further down.
   */
  within(folder: string): RuleFile {
    let lines = this.#lines;
    const nameLines: PatternParams[] = [];
    for (;;) {
      const { rule } = ignore(OPTIONS).add(lines).test(folder);
      if (rule === undefined || rule.pattern.endsWith('/**')) break;
      lines = lines.filter(({ mark }) => mark !== rule.mark);
      if (NAME_PATTERN.test(rule.pattern)) nameLines.push(rule);
    }
    return new RuleFile(lines, nameLines);
  }
}

/** A file of rules as seen from a folder at or below its own. */
interface Layer {
  readonly source: RuleSource;
  readonly file: RuleFile;
  /** The folder relative to that of the file: empty or with a slash at its end. */
  readonly folder: string;
}

/** All rules that hold in one folder. */
export class FolderRules {
  /** The strongest first. */
  readonly #layers: readonly Layer[];

  private constructor(layers: readonly Layer[]) {
    this.#layers = layers;
  }

  static readonly none = new FolderRules([]);

  /** Whether an entry is left out; the name of a folder ends in a slash. */
  ignores(name: string): boolean {
    for (const { file, folder } of this.#layers) {
      const verdict = file.verdict(folder, name);
      if (verdict !== undefined) return verdict === 'ignored';
    }
    return false;
  }

  /** Whether there is any rule at all. */
  get isEmpty(): boolean {
    return this.#layers.length === 0;
  }

  /** The same rules for a folder of this one, which is entered whether or not a rule ignores it. */
  enter(name: string): FolderRules {
    if (this.isEmpty) return this;
    const layers = this.#layers.map(({ source, file, folder }) => {
      const ignored = file.verdict(folder, `${name}/`) === 'ignored';
      const inner = `${folder}${name}/`;
      return { source, file: ignored ? file.within(inner) : file, folder: inner };
    });
    return new FolderRules(layers);
  }

  /** These rules and those of a file that lies in this folder. */
  with(source: RuleSource, text: string): FolderRules {
    const strength = SOURCES.indexOf(source);
    const at = this.#layers.findIndex((layer) => SOURCES.indexOf(layer.source) >= strength);
    const layer = { source, file: RuleFile.parse(text), folder: '' };
    return new FolderRules(this.#layers.toSpliced(at === -1 ? this.#layers.length : at, 0, layer));
  }
}
