/**
 * Decides which files of a tree are ignored: the rules of `.ignore` and `.gitignore` files, of `.git/info/exclude`
 * and of the user's global excludes.
 *
 * In: the text of such files, folder by folder. Out: whether an entry is ignored. All values are immutable: a
 * folder's rules are those of its parent plus its own.
 */
import { RuleFile } from './rule-file.ts';

/** Sources of rules, highest precedence first; within one source the deeper file wins. */
const SOURCES = ['dotIgnore', 'gitIgnore', 'infoExclude', 'globalExcludes'] as const;

/** Source of rules. */
export type RuleSource = (typeof SOURCES)[number];

/** A rule file as seen from a folder at or below its own. */
interface Layer {
  readonly source: RuleSource;
  readonly file: RuleFile;
  /** The folder relative to that of the file: empty or ending in a slash. */
  readonly folder: string;
}

/** All rules that apply in one folder. */
export class FolderRules {
  /** Highest precedence first. */
  readonly #layers: readonly Layer[];

  private constructor(layers: readonly Layer[]) {
    this.#layers = layers;
  }

  static readonly none = new FolderRules([]);

  /** Whether there are no rules. */
  get isEmpty(): boolean {
    return this.#layers.length === 0;
  }

  /** Whether checking a name may take milliseconds. */
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

  /** The same rules for a subfolder, whether or not a rule ignores it. */
  enter(name: string): FolderRules {
    if (this.isEmpty) return this;
    return new FolderRules(
      this.#layers.map(({ source, file, folder }) => ({ source, file, folder: `${folder}${name}/` })),
    );
  }

  /** These rules plus those of a file in this folder. */
  with(source: RuleSource, text: string): FolderRules {
    return this.withFile(source, new RuleFile(text));
  }

  /** As `with`, for a parsed rule file. */
  withFile(source: RuleSource, file: RuleFile): FolderRules {
    const strength = SOURCES.indexOf(source);
    const at = this.#layers.findIndex((layer) => SOURCES.indexOf(layer.source) >= strength);
    return new FolderRules(
      this.#layers.toSpliced(at === -1 ? this.#layers.length : at, 0, { source, file, folder: '' }),
    );
  }
}
