// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what .env files put in looks the same
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readEnvText } from '../../src/base/dotenv.ts';
import { within } from '../support/processor-time.ts';
import { Random, seedOf } from '../support/random.ts';
import { AROUND, DOTENV_CASES } from './dotenv-cases.ts';

const READER = {
  lookUp: (name: string) => (Object.hasOwn(AROUND, name) ? AROUND[name] : undefined),
  accepts: (name: string) => !name.toUpperCase().startsWith('CODEX_'),
};
const read = (text: string | Buffer) => readEnvText(Buffer.from(text), READER);

describe('the dialect of .env files', () => {
  for (const [name, { text, sets, skips = [] }] of Object.entries(DOTENV_CASES)) {
    test(name, () => {
      const { variables, faultyLines } = read(text);
      assert.deepEqual(Object.fromEntries(variables), sets);
      assert.deepEqual(faultyLines, skips);
    });
  }
});

test('env-mark: a mark of the byte order is looked past', () => {
  assert.deepEqual(
    [...read('\uFEFFA=1\nC=\uFEFF2\n').variables],
    [
      ['A', '1'],
      ['C', '\uFEFF2'],
    ],
  );
});

test('env-mark: what no environment can hold is skipped', () => {
  const { variables, faultyLines } = read(`A=x\0y\nC=1\nD=${'d'.repeat(200_000)}\nE=2\n`);
  assert.deepEqual(Object.fromEntries(variables), { C: '1', E: '2' });
  assert.deepEqual(faultyLines, [1, 3]);
});

test('values that double with every line stay bounded', () => {
  const lines = Array.from({ length: 60 }, (_, index) => `A${index + 1}=$A${index}$A${index}\n`);
  const { variables } = read(`A0=xxxxxxxxxxxxxxxx\n${lines.join('')}`);
  const lengths = [...variables.values()].map((value) => value.length);
  assert.ok(lengths.reduce((sum, length) => sum + length, 0) <= 1024 * 1024);
});

test('names of the language are names like any other', () => {
  const { variables } = read('A=$constructor${__proto__}$toString\n__proto__=1\nconstructor=2\nC=$constructor\n');
  assert.deepEqual(
    [...variables],
    [
      ['A', ''],
      ['__proto__', '1'],
      ['constructor', '2'],
      ['C', '2'],
    ],
  );
});

test('the worst of files are read in linear time', () => {
  const worst = [' ', '"', "'", '\\', '$', '${', '#', 'A=', 'A= ', "A='", '\r', 'A=$A', '\u00a0', '='];
  for (const part of worst) {
    const text = part.repeat(Math.ceil(100_000 / part.length));
    within(1_000, JSON.stringify(part), () => read(text)); // squared, it is minutes
  }
});

test('random bytes are never an error', (context) => {
  const random = new Random(seedOf(context));
  const parts = ['A', 'B', '=', ' ', '"', "'", '\\', '$', '{', '}', '#', '\n', '\r', 'export ', '\xff', 'é'];
  for (let round = 0; round < 2000; round += 1) {
    const text = Array.from({ length: random.below(40) }, () => random.pick(parts)).join('');
    read(Buffer.from(text, round % 2 === 0 ? 'utf8' : 'latin1'));
  }
});
