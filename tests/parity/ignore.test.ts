/**
 * Ignored files over the wire: with random rules of every kind, in random trees, both servers leave out the same files.
 *
 *   SEED=1 npm run parity -- ignore
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Random, seedOf } from '../support/random.ts';
import { referenceProblem } from '../support/reference.ts';
import { Session } from './support/session.ts';

const skip = referenceProblem() !== null;
const TREES = 400;
/** An answer has room for no more. */
const MOST_FILES = 30;

const PLAIN = [
  'a',
  'b',
  'ab',
  'c.o',
  'a.b',
  '-',
  'a b',
  ' a',
  '!a',
  '#b',
  '[a]',
  'a\\',
  '{a}',
  'a,b',
  'b ',
  'A',
  'x-y',
  ']',
];
/** Names and rules with other letters leave `?` and classes to the one server that takes them for characters. */
const OTHERS = ['é', 'zéz', '日本', 'e\u0301', 'a', 'b', 'é.o', '😀', 'É'];
const PIECES = [
  '*',
  '**',
  '/',
  '?',
  '[ab]',
  '[!a-z]',
  '[^a]',
  '[a-]',
  '[]a]',
  '\\',
  '{a,b}',
  '{a,}',
  '{',
  '}',
  ',',
  '[',
  ' ',
  '\t',
];
const WHOLE = [
  '*.o',
  '**',
  '**/',
  '/**',
  '!',
  '/',
  '!/',
  'a/**',
  '**/a',
  'a/**/b',
  '/*',
  '!*/',
  '#a',
  '\\#b',
  '\\!a',
  'a\\ ',
  'a \\',
  'b\\ ',
  '',
  '   ',
  '[z-a]',
  'a[',
  '{a,b/**}',
  '{a/,b}',
  '**/*',
  '***',
  '*/**/*',
  'a//b',
  '[!/]b',
  'a[!b]b',
  './a',
  '{**,c}',
  '[[:alpha:]]',
];

interface Kind {
  readonly names: readonly string[];
  readonly pieces: readonly string[];
  readonly whole: readonly string[];
}

const KINDS: readonly Kind[] = [
  { names: PLAIN, pieces: PIECES, whole: WHOLE },
  {
    names: OTHERS,
    pieces: PIECES.filter((piece) => !/[?[]/.test(piece)),
    whole: WHOLE.filter((rule) => !/\[/.test(rule)),
  },
];

function madeRule(random: Random, { names, pieces, whole }: Kind): string {
  if (random.below(4) === 0) return random.pick(whole);
  const parts = Array.from({ length: 1 + random.below(4) }, () => random.pick(random.below(2) === 0 ? names : pieces));
  return (
    random.pick(['', '', '', '!', '/', '**/', '\\']) +
    parts.join(random.pick(['', '', '/'])) +
    random.pick(['', '', '', '/', ' '])
  );
}

function madeRules(random: Random, kind: Kind): Buffer {
  const lines = Array.from({ length: 1 + random.below(5) }, () => Buffer.from(madeRule(random, kind)));
  if (random.below(12) === 0) lines.splice(random.below(lines.length + 1), 0, Buffer.from([0x61, 0xff]));
  const lineEnd = random.pick(['\n', '\n', '\n', '\r\n', '\r']);
  const text = Buffer.concat(lines.flatMap((line) => [line, Buffer.from(lineEnd)]));
  return random.below(12) === 0 ? Buffer.concat([Buffer.from('\ufeff'), text]) : text;
}

/** Writes what can be written: a name may be that of a folder already. */
function write(path: string, content: string | Buffer): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { flag: 'wx' });
  } catch {
    // Something else has the name.
  }
}

function makeTree(root: string, random: Random, kind: Kind): string[] {
  const texts: string[] = [];
  const folder = (): string => Array.from({ length: random.below(4) }, () => random.pick(kind.names)).join('/');
  for (let at = 0; at < MOST_FILES; at++) write(join(root, folder(), random.pick(kind.names)), '');
  const where = ['.gitignore', '.ignore', '.git/info/exclude'];
  for (let at = 0; at < 3; at++) {
    const path = join(at === 0 ? '' : folder(), at === 0 ? '.gitignore' : random.pick(where));
    const rules = madeRules(random, kind);
    texts.push(`${path}: ${JSON.stringify(rules.toString('latin1'))}`);
    write(join(root, path), rules);
  }
  return texts;
}

test(`both servers leave out the same files in ${TREES} trees with random rules`, { skip }, async (context) => {
  const random = new Random(seedOf(context));
  await using reference = await Session.open('reference');
  await using ours = await Session.open('ours');
  const excludes = '*.global\n!kept.global\n';
  for (const session of [reference, ours]) {
    session.write('../user/.gitconfig', `[core]\n\texcludesFile = ${join(session.folder, 'user', 'excludes')}\n`);
    session.write('../user/excludes', excludes);
  }
  await Promise.all([reference.start(), ours.start()]);
  const different: string[] = [];
  let rows = 0;
  for (let at = 0; at < TREES; at++) {
    const root = join(reference.workspace, `t${at}`);
    const texts = makeTree(root, random, random.pick(KINDS));
    for (const name of ['b.global', 'kept.global']) write(join(root, name), '');
    const answers = [reference, ours].map(async (session) => {
      const { files } = await session.call('fuzzyFileSearch', { query: '$', roots: [root], cancellationToken: null });
      return files.map(({ path }: { path: string }) => path).filter((path: string) => !/(^|\/)\.git\//.test(path));
    });
    const [left, right] = await Promise.all(answers);
    rows += left.length;
    if (JSON.stringify(left) === JSON.stringify(right)) continue;
    const missing = left.filter((path: string) => !right.includes(path));
    const extra = right.filter((path: string) => !left.includes(path));
    different.push(`${texts.join('\n')}\n  missing ${JSON.stringify(missing)}\n  extra ${JSON.stringify(extra)}`);
  }
  process.stderr.write(`ignore: differences ${different.length} of ${TREES} trees, ${rows} files kept\n`);
  assert.ok(different.length === 0, `${different.length} trees differ:\n${different.slice(0, 8).join('\n')}`);
});
