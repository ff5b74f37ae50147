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

const LINK = /\[\$[^\]\n]+\]\(([^)\n]*)\)/g;
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
  const paths = new Set(texts.flatMap((text) => [...text.matchAll(LINK)]).map(([, path]) => linkedPath(path ?? '')));
  const names = new Set(
    texts.flatMap((text) => [...text.replaceAll(LINK, ' ').matchAll(NAME)]).map(([, name]) => name ?? ''),
  );
  const linked = skills.filter((skill) => paths.has(skill.path));
  const isNamed = (skill: S): boolean =>
    names.has(skill.name) &&
    !SHELL_VARIABLES.has(skill.name.toUpperCase()) &&
    !appNames.has(skill.name) &&
    skills.filter((other) => other.name === skill.name).length === 1;
  return [...linked, ...skills.filter((skill) => isNamed(skill) && !linked.includes(skill))];
}

const linkedPath = (target: string): string => target.trim().replace(/^skill:\/\//, '');
