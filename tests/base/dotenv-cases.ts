// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what .env files put in looks the same
/** Files in the dialect of `.env`, with what codex app-server 0.94.0 made of them (`tests/parity/env-file.test.ts` asks it again). */

/** Names and values that were there before. */
export const AROUND: Readonly<Record<string, string>> = { HOME: '/users/me', OUTER: 'outer', B: 'outer b' };

export interface DotenvCase {
  readonly text: string | Buffer;
  /** What the file sets; no more than that. */
  readonly sets: Readonly<Record<string, string>>;
  /** First lines of what is skipped. */
  readonly skips?: readonly number[];
}

export const DOTENV_CASES: Readonly<Record<string, DotenvCase>> = {
  'a number sign is a comment only behind a blank': {
    text: 'A=a#b\nC=c #d\nD="d#e" # f\nE=#g\nF= # h\nG=\'#\'\n# A=1\n  # A=2\n',
    sets: { A: 'a#b', C: 'c', D: 'd#e', E: '', F: '', G: '#' },
  },
  'a comment may hold quotes, unless two blanks stand before it': {
    text: "A=1 # it's\nC=2\nD=3  # it's\nE=4\n",
    sets: { A: '1', C: '2' },
    skips: [3],
  },
  'single quotes keep everything': {
    text: "A='$HOME \\n \"x\" `y`'\nC='it'\\''s'\nD='a'b\"c\"\n",
    sets: { A: '$HOME \\n "x" `y`', C: "it's", D: 'abc' },
  },
  'backquotes are text': { text: 'A=`x`\nC=`$HOME`\n', sets: { A: '`x`', C: '`/users/me`' } },
  'escapes are few, in double quotes and outside': {
    text: 'A="x\\"y\\\\z\\$w\\n\\\'\\ ."\nC=\\n\\ \\#\nD="\\t"\nE=a\\ b\nF="\\r"\nG=\\x\n',
    sets: { A: 'x"y\\z$w\n\' .', E: 'a b' },
    skips: [2, 3, 5, 6],
  },
  'variables of the environment and of earlier lines are put in': {
    text: 'A=$HOME/a\nC=${A}:$OUTER\nD=$A$C-$NOPE-${NOPE}\nE="${A} $A."\nF=$A_B\nG=$\nH=$$A\nI=\\$A\n',
    sets: {
      A: '/users/me/a',
      C: '/users/me/a:outer',
      D: '/users/me/a/users/me/a:outer--',
      E: '/users/me/a /users/me/a.',
      F: '/users/me/a_B',
      G: '',
      H: '/users/me/a',
      I: '$A',
    },
  },
  'a name in braces may be anything, and must end': {
    text: 'A.b=1\nA_b=2\nC=${A.b}${A_b}$A_b${}\nD=${A.b\nE=5\n',
    sets: { 'A.b': '1', A_b: '2', C: '12_b', E: '5' },
    skips: [4],
  },
  'a quote that ends a name at once is text, so the other one stays open': {
    text: 'A=1\nC="$A"\nD="$A "\nE="x$A"\n',
    sets: { A: '1', D: '1 ' },
    skips: [2, 4],
  },
  'a later line of the same name counts, and may use the earlier one': {
    text: 'A=1\nA=$A$A\nB=$B!\nB=$B?\n',
    sets: { A: '11', B: 'outer b!?' },
  },
  'values may hold several lines in quotes': {
    text: 'A="x\n# y\n\n${HOME}"\nC=\'1\r\n2\'\nD=3\n',
    sets: { A: 'x\n# y\n\n/users/me', C: '1\r\n2', D: '3' },
  },
  'a quote that does not end takes the rest along': { text: 'A=1\nC="x\nD=2\nE=3\n', sets: { A: '1' }, skips: [2] },
  'lines end in any way': { text: 'A=1\r\nC=2 \r\n\r\nD=3', sets: { A: '1', C: '2', D: '3' } },
  'blanks stand anywhere around the parts': {
    text: '  A = 1  \n\tC\t=\t2\t\n\u00a0D=3\u00a0\nE=x\u00a0y\n',
    sets: { A: '1', C: '2', D: '3', E: 'x\u00a0y' },
  },
  'words behind a value spoil the line': { text: 'A=x y\nC="x" y\nD=x\ty\nE=5\n', sets: { E: '5' }, skips: [1, 2, 3] },
  'export may stand before a name, and be one': {
    text: 'export A=1\nexport\tC = 2\nexport=3\nexport D\nexport export E=4\n',
    sets: { A: '1', C: '2', export: '3' },
    skips: [4, 5],
  },
  'names are letters, digits, underscores and dots': {
    text: 'a_1.b=1\n_=2\n9=3\nA-b=4\nÄ=5\n.A=6\n=7\nA\nC:8\n',
    sets: { 'a_1.b': '1', _: '2' },
    skips: [3, 4, 5, 6, 7, 8, 9],
  },
  'an equals sign belongs to the value': { text: 'A==\nC=a=b\nD= = \n', sets: { A: '=', C: 'a=b', D: '=' } },
  'names of our own are not set, but can be put in': {
    text: 'CODEX_HOME=/elsewhere\ncodex_x=1\nCodex_Y=2\nCODEX=3\nA=${codex_x}\n',
    sets: { CODEX: '3', A: '1' },
  },
  'a line that is not UTF-8 is skipped alone': {
    text: Buffer.from('A=1\nC=\xff\nD="x\n\xe9\nE=2\n', 'latin1'),
    sets: { A: '1', E: '2' },
    skips: [2, 3],
  },
  'other scripts are letters in names that are put in': {
    text: 'A=$HOMEé/$HOME½-$HOME·\n',
    sets: { A: '/-/users/me·' },
  },
  'a last line needs its newline only behind blanks and backslashes': {
    text: 'A=1\nC=2 ',
    sets: { A: '1' },
    skips: [2],
  },
  'an empty file sets nothing': { text: '', sets: {} },
};
