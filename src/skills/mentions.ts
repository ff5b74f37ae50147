/** Which skills a user's text names. In: typed texts and the enabled skills. Out: those to hand over, each once. Pure. */

/** What is needed of a skill here. */
export interface NamedSkill {
  readonly name: string;
  /** Of its SKILL.md. */
  readonly path: string;
}

/** Variables of the shell are no skills, in any case. */
const SHELL_VARIABLES: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'SHELL',
  'PWD',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LANG',
  'TERM',
  'XDG_CONFIG_HOME',
]);

const NAME = /\$([A-Za-z0-9_-]+)/g;

/**
 * Links `[$x](path)` and `[$x](skill://path)` count by their path and never by their name. A plain `$name` counts when
 * exactly one skill and no app has it. Linked skills come first; each group keeps the order of the list.
 */
export function mentionedSkills<S extends NamedSkill>(
  texts: readonly string[],
  skills: readonly S[],
  appNames: ReadonlySet<string> = new Set(),
): readonly S[] {
  const read = texts.map(readLinks);
  const paths = new Set(read.flatMap(({ targets }) => targets).map(linkedPath));
  const names = new Set(read.flatMap(({ rest }) => [...rest.matchAll(NAME)]).map(([, name]) => name ?? ''));
  const linked = skills.filter((skill) => paths.has(skill.path));
  const isNamed = (skill: S): boolean =>
    names.has(skill.name) &&
    !SHELL_VARIABLES.has(skill.name.toUpperCase()) &&
    !appNames.has(skill.name) &&
    skills.filter((other) => other.name === skill.name).length === 1;
  return [...linked, ...skills.filter((skill) => isNamed(skill) && !linked.includes(skill))];
}

const linkedPath = (target: string): string => target.trim().replace(/^skill:\/\//, '');

/** The targets of the links `[$name](target)` in a text, and the text with a blank in place of each. One pass. */
function readLinks(text: string): { readonly targets: readonly string[]; readonly rest: string } {
  const targets: string[] = [];
  const between: string[] = [];
  const nameEnd = finder(text, ']');
  const targetEnd = finder(text, ')');
  let kept = 0;
  for (let open = text.indexOf('[$'); open !== -1; ) {
    const close = nameEnd(open + 2);
    const end = text.startsWith('](', close) && close > open + 2 ? targetEnd(close + 2) : text.length;
    const isLink = text.startsWith(')', end);
    if (isLink) {
      targets.push(text.slice(close + 2, end));
      between.push(text.slice(kept, open));
      kept = end + 1;
    }
    // Whatever opens before the bracket that closes this one fails with it.
    open = text.indexOf('[$', isLink ? kept : close + 1);
  }
  return { targets, rest: [...between, text.slice(kept)].join(' ') };
}

/** Finds the next place of a character on the same line, or of the line's end; each call further on than the last. */
function finder(text: string, char: string): (from: number) => number {
  const next = (wanted: string, from: number): number => {
    const found = text.indexOf(wanted, from);
    return found === -1 ? text.length : found;
  };
  let [found, lineEnd] = [-1, -1];
  return (from) => {
    if (found < from) found = next(char, from);
    if (lineEnd < from) lineEnd = next('\n', from);
    return Math.min(found, lineEnd);
  };
}
