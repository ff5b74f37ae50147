/**
 * Text from outside is read in linear time: every reader gets long texts of everything that openers, blanks and separators
 * can be repeated to, and of mixtures that have cost one of them more.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandActions, splitWords } from '../src/command-analysis/actions.ts';
import { quoteArgv } from '../src/command-analysis/quote.ts';
import { isDangerous } from '../src/command-analysis/safety.ts';
import { shortPath } from '../src/command-analysis/summaries.ts';
import { parseScript } from '../src/command-analysis/words.ts';
import { rewriteToml } from '../src/config/edit/edit.ts';
import { parseOverrideValue } from '../src/config/overrides.ts';
import { readToml } from '../src/config/toml.ts';
import { locateValue } from '../src/config/toml-positions.ts';
import { decideCommand } from '../src/engine/command-decision.ts';
import { commandEnvironment } from '../src/exec/environment.ts';
import { ExecPolicy } from '../src/execpolicy/policy.ts';
import { parseRules } from '../src/execpolicy/prefix-rule.ts';
import { systemFromOsRelease } from '../src/identity/os-release.ts';
import { FzfRanking } from '../src/search/fzf-ranking.ts';
import { parseQuery } from '../src/search/query.ts';
import { TextTools } from '../src/search/text-tools.ts';
import { mentionedSkills } from '../src/skills/mentions.ts';
import { readYaml } from '../src/skills/yaml.ts';
import { decodeLine } from '../src/transport/decode-line.ts';
import { isKnownSafe } from './support/known-safe.ts';
import { usedMs, within } from './support/processor-time.ts';

/** Short enough to try everything on everything. What takes long for it is tried with the full length. */
const LENGTH = 25_000;
const SUSPECT_MS = 60;

/** At this length a reader takes some 100 ms of the processor, and what is quadratic takes five seconds or more. */
const FULL_LENGTH = 100_000;
const LIMIT_MS = 3_000;

const PIECES = [
  ...' /\\$`\'"{}[]()<>=,.;:|&#!?*+-~^%@\n\t\r\0a1_',
  '{a,',
  '{1..',
  '[$',
  '[$a](',
  '[$a]',
  '[[',
  '{{',
  '""',
  '"a',
  "'a",
  'a.',
  'a=',
  'a =1\n',
  '[a]\n',
  '[[a]]\n',
  'a={a=',
  '[1,',
  '"""',
  "'''",
  '\\"',
  '\\\n',
  '\r\n',
  '//',
  '..',
  '../',
  'a|',
  'a && ',
  'cd a;',
  'cd a && cat b && ',
  'echo a;',
  'nl -a|',
  'nl -a; ls; ',
  'true;',
  'ls;cd -- a;',
  'sudo ',
  'bash -c ',
  'git ',
  'xargs ',
  'sed -n 1p a;',
  'f(',
  'x=[\n',
  'not ',
  '-',
  '1.',
  '1e',
  '0x',
  'if a:\n ',
  'lambda: ',
  'a if a else ',
  '{"a":',
  '😀',
  'a\u0301',
  '\u1100\u1161',
  '\ud83d',
  '&a ',
  '!a ',
  '? ',
  '- ',
];

const repeated = (piece: string, length: number): string => piece.repeat(Math.ceil(length / piece.length));

const TEXTS = PIECES.flatMap((piece) => [
  (length: number) => `${repeated(piece, length)}\0x`,
  (length: number) => `ls ${repeated(piece, length)}`,
]);

const SKILLS = [{ name: 'a', path: 'a' }];

const decide = (argv: readonly string[]) =>
  decideCommand({
    argv,
    shell: '/bin/sh',
    canConfine: false,
    places: { isSystem: () => true, isOutOfReach: () => true, isHomeOutOfReach: true },
    policy: new ExecPolicy([{ pattern: [['never-said']], decision: 'allow', justification: null }]),
    approvalPolicy: 'on-request',
    sandboxPolicy: { type: 'readOnly' },
    escalated: false,
    justification: null,
    offeredPrefix: null,
    amendable: true,
  });

const editedToml = (text: string): void => {
  if (readToml(text).ok) rewriteToml(text, { added: 'x' });
};
const locatedToml = (text: string): void => {
  if (readToml(text).ok) locateValue(text, ['a', 'a']);
};

const tools = new TextTools();
const rankWith = (ranking: FzfRanking): void => {
  for (let count = 0; count < 20; count += 1) ranking.offer(0, '', `ab${'c'.repeat(count)}`);
  ranking.finish();
};

/** What it says about the text does not matter here. */
const refusing = (read: (text: string) => unknown) => (text: string) => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof RangeError) throw error;
  }
};

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  'the words of a script': parseScript,
  'words in quotes': splitWords,
  'quoting a word': (text) => quoteArgv([text]),
  'quoting many words': (text) => quoteArgv(text.split(' ')),
  'what a script does': (text) => commandActions(['bash', '-lc', text]),
  'what a command does': (text) => commandActions(text.split(/[ ;]/)),
  'whether a script is safe': (text) => isKnownSafe(['bash', '-lc', text]),
  'whether a script is dangerous': (text) => isDangerous(['bash', '-lc', text]),
  'whether a command is dangerous': (text) => isDangerous(text.split(' ')),
  'what is decided about a script': (text) => decide(['bash', '-lc', text]),
  'the telling part of a path': shortPath,
  'mentions of skills': (text) => mentionedSkills([text], SKILLS),
  rules: refusing(parseRules),
  'a value on the command line': parseOverrideValue,
  TOML: readToml,
  'TOML that is edited': refusing(editedToml),
  'TOML in which a place is looked for': locatedToml,
  'names of variables': (text) =>
    commandEnvironment(
      { [text]: 'x' },
      {
        policy: {
          inherit: 'all',
          ignoreDefaultExcludes: true,
          exclude: ['*a*a*a*a*x', '*.*.*/*/?'],
          set: {},
          includeOnly: [],
        },
        sandbox: { type: 'readOnly' },
      },
    ),
  'the name of the system': (text) => systemFromOsRelease(`ID=${text}`),
  'a line of the client': (text) => decodeLine(Buffer.from(text)),
  'a search query': (text) => parseQuery(text, tools.table, tools.splitter),
  'a search query of the other ranking': (text) => rankWith(new FzfRanking(text, 10, tools)),
};

function readInTime(read: (text: string) => unknown, text: string): void {
  within(LIMIT_MS, JSON.stringify(text.slice(0, 20)), () => read(text));
}

function isSuspect(read: (text: string) => unknown, text: string): boolean {
  const before = process.cpuUsage();
  read(text);
  return usedMs(before) > SUSPECT_MS;
}

for (const [what, read] of Object.entries(readers)) {
  test(`linear-patterns: anything that repeats is read in time: ${what}`, () => {
    for (const of of TEXTS) if (isSuspect(read, of(LENGTH))) readInTime(read, of(FULL_LENGTH));
  });
}

test('linear-patterns: a hundred kilobytes of the worst are read in time', () => {
  for (const [read, pieces] of [
    [parseScript, ['{a,', '{1..', 'a{']],
    [shortPath, ['/', '\\', '/\0']],
    [(text: string) => mentionedSkills([text], SKILLS), ['[$', '[$a](', '[$a]', '[$]']],
    [splitWords, ['"', '\\"', "'a"]],
    [(text: string) => isDangerous(text.split(' ')), ['sudo ']],
    [(text: string) => parseQuery(text, tools.table, tools.splitter), ['a\u0301', '\ud83d', '😀', '\u1100\u1161']],
    [(text: string) => rankWith(new FzfRanking(text, 10, tools)), ['a b ', 'a', 'a | b ', '!x ', 'a\u0301']],
  ] as const) {
    for (const piece of pieces) readInTime(read, `${repeated(piece, FULL_LENGTH)}x`);
  }
});

test('linear-patterns: a script with thousands of decorations is summed up in time, and to no more than it says', () => {
  for (const [piece, last] of [
    ['nl -a; ls; ', 'cat b'],
    ['nl -a && echo a && ', 'cat b'],
    ['echo a; ', 'cat b'],
  ] as const) {
    const argv = ['bash', '-lc', repeated(piece, FULL_LENGTH) + last];
    readInTime(() => commandActions(argv), piece);
  }
  const half = FULL_LENGTH / 2;
  const script = `${repeated('cd a; ', half)}${repeated('cat x; cat y; ', half)}true`;
  assert.ok(JSON.stringify(commandActions(['bash', '-lc', script])).length < 2 * script.length);
});

test('linear-patterns: the head of a skill that has no end is refused', async () => {
  for (const of of TEXTS) {
    for (const head of [of(LENGTH), `name: ${of(LENGTH)}`]) assert.equal((await readYaml(head)).ok, false);
  }
  const longest = `description: ${'x'.repeat(10_000)}`;
  assert.deepEqual(await readYaml(longest), { ok: true, value: { description: 'x'.repeat(10_000) } });
});
