/** Parses one line of a rule file. Pure. */
import { type GlobToken, parseGlob, SLASH, staysInComponent } from './glob.ts';

/** A parsed line. */
export interface Rule {
  /** Whether it un-ignores what it matches. */
  readonly negated: boolean;
  readonly foldersOnly: boolean;
  /** Whether it matches names in any folder; otherwise it matches whole paths. */
  readonly byName: boolean;
  readonly tokens: readonly GlobToken[];
}

const BLANK = /^\p{White_Space}$/u;

/** The rule of a line; undefined if it is a comment, blank, or invalid. */
export function parseRule(line: string): Rule | undefined {
  if (line.startsWith('#')) return undefined;
  let text = line.endsWith('\\ ') ? line : withoutBlanks(line);
  if (text === '') return undefined;
  let negated = false;
  let anchored = false;
  if (text.startsWith('\\!') || text.startsWith('\\#')) {
    text = text.slice(1);
  } else {
    negated = text.startsWith('!');
    if (negated) text = text.slice(1);
    anchored = text.startsWith('/');
    if (anchored) text = text.slice(1);
  }
  const foldersOnly = text.endsWith('/');
  if (foldersOnly) text = text.slice(0, text.endsWith('\\/') ? -2 : -1);
  const tokens = parsePattern(text, anchored);
  return tokens === undefined ? undefined : { negated, foldersOnly, ...tokens };
}

const EVERYTHING: Pick<Rule, 'byName' | 'tokens'> = { byName: true, tokens: [{ kind: 'star' }] };

function parsePattern(text: string, anchored: boolean): Pick<Rule, 'byName' | 'tokens'> | undefined {
  const anywhere = !anchored && !text.includes('/');
  // An empty pattern matches everything; after a slash it matches nothing.
  if (anywhere && text === '') return EVERYTHING;
  // `/**` matches what is below a folder, but not the folder.
  const tokens = parseGlob(text.endsWith('/**') ? `${text}/*` : text);
  if (tokens === undefined || tokens.length === 0) return undefined;
  if (tokens.length === 1 && tokens[0]?.kind === 'folders') return EVERYTHING;
  if (!anywhere) return { byName: false, tokens };
  if (tokens.every(staysInComponent)) return { byName: true, tokens };
  return { byName: false, tokens: [{ kind: 'folders' }, ...tokens] };
}

function withoutBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && BLANK.test(line[end - 1] ?? '')) end -= 1;
  return line.slice(0, end);
}

/** The tokens of the last component of a path; undefined if that is ambiguous. */
export function lastComponent({ tokens }: Pick<Rule, 'tokens'>): readonly GlobToken[] | undefined {
  const slash = tokens.findLastIndex((token) => !staysInComponent(token));
  const last = tokens[slash];
  const endsInSlash =
    last === undefined ||
    last.kind === 'folders' ||
    last.kind === 'slash-folders' ||
    (last.kind === 'unit' && last.unit === SLASH);
  return endsInSlash ? tokens.slice(slash + 1) : undefined;
}
