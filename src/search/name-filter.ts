/**
 * Tells cheaply which names no line of a file of rules can be about, so that only the others are asked of the library.
 *
 * In: lines of such a file. Out: a set of names that holds all the lines may be about, and perhaps more. Immutable.
 */

/** Patterns by what their last component says about a name. */
export class NameFilter {
  /** Whether some line may be about any name at all. */
  readonly #any: boolean;
  readonly #names = new Set<string>();
  /** Endings by their last character. */
  readonly #endings = new Map<string, string[]>();
  readonly #globs: RegExp | undefined;

  constructor(lines: readonly string[]) {
    const globs: string[] = [];
    let any = false;
    for (const line of lines) {
      const last = lastComponent(line);
      if (last === undefined) continue;
      if (last === '' || last.includes('**') || /[[\]\\]/.test(last)) any = true;
      else if (!/[*?]/.test(last)) this.#names.add(last);
      else if (/^\*[^*?]+$/.test(last)) this.#addEnding(last.slice(1));
      else
        globs.push(
          last
            .replace(/[.+^${}()|]/g, '\\$&')
            .replaceAll('*', '[^]*')
            .replaceAll('?', '[^]'),
        );
    }
    this.#any = any;
    this.#globs = globs.length === 0 ? undefined : new RegExp(`^(?:${globs.join('|')})$`);
  }

  /** Whether a line may be about this name; a slash at its end does not matter. */
  mayConcern(name: string): boolean {
    if (this.#any) return true;
    const bare = name.endsWith('/') ? name.slice(0, -1) : name;
    if (this.#names.has(bare)) return true;
    const endings = this.#endings.get(bare.slice(-1));
    if (endings?.some((ending) => bare.endsWith(ending)) === true) return true;
    return this.#globs?.test(bare) === true;
  }

  #addEnding(ending: string): void {
    const last = ending.slice(-1);
    const others = this.#endings.get(last);
    if (others === undefined) this.#endings.set(last, [ending]);
    else others.push(ending);
  }
}

/** What a line says about the last component of a path: undefined if the line is no pattern, empty if it is hard to say. */
function lastComponent(line: string): string | undefined {
  if (line.trim() === '' || line.startsWith('#')) return undefined;
  if (/\s$/.test(line) || line.startsWith('\ufeff')) return '';
  const pattern = line.replace(/^!/, '').replace(/\/$/, '');
  return pattern.slice(pattern.lastIndexOf('/') + 1);
}
