/**
 * Which files of a tree are left out: the rules of `.ignore` and `.gitignore` files, of `.git/info/exclude` and of the
 * user's global excludes.
 *
 * In: the text of such files, folder by folder. Out: whether an entry is ignored. All values here are immutable: a
 * folder's rules are those of its parent plus its own.
 */
import { RuleFile } from './rule-file.ts';

/** Sources of rules, the strongest first; within one source the deeper file wins. */
const SOURCES = ['dotIgnore', 'gitIgnore', 'infoExclude', 'globalExcludes'] as const;

/** Where rules come from. */
export type RuleSource = (typeof SOURCES)[number];

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

  /** Whether there is any rule at all. */
  get isEmpty(): boolean {
    return this.#layers.length === 0;
  }

  /** Whether a name may take milliseconds. */
  get areSlow(): boolean {
    return this.#layers.some(({ file }) => file.isSlow);
  }

  ignoresFile(name: string): boolean {
    return this.#ignores(name, false);
  }

  ignoresFolder(name: string): boolean {
    return this.#ignores(name, true);
  }

  #ignores(name: string, isFolder: boolean): boolean {
    for (const { file, folder } of this.#layers) {
      const verdict = file.verdict({ folder, name, isFolder });
      if (verdict !== undefined) return verdict === 'ignored';
    }
    return false;
  }

  /** The same rules for a folder of this one, which is entered whether or not a rule ignores it. */
  enter(name: string): FolderRules {
    if (this.isEmpty) return this;
    return new FolderRules(
      this.#layers.map(({ source, file, folder }) => ({ source, file, folder: `${folder}${name}/` })),
    );
  }

  /** These rules and those of a file that lies in this folder. */
  with(source: RuleSource, text: string): FolderRules {
    return this.withFile(source, new RuleFile(text));
  }

  /** As `with`, for rules that have been read before. */
  withFile(source: RuleSource, file: RuleFile): FolderRules {
    const strength = SOURCES.indexOf(source);
    const at = this.#layers.findIndex((layer) => SOURCES.indexOf(layer.source) >= strength);
    return new FolderRules(
      this.#layers.toSpliced(at === -1 ? this.#layers.length : at, 0, { source, file, folder: '' }),
    );
  }
}
