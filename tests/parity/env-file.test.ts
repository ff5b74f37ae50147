// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what .env files put in looks the same
/** `.env` files read by both servers: what a command sees of them is the same. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readEnvText } from '../../src/base/dotenv.ts';
import { AROUND, DOTENV_CASES } from '../base/dotenv-cases.ts';
import { Random, seedOf } from '../support/random.ts';
import { referenceBinary, referenceProblem } from '../support/reference.ts';
import { EnvProbe } from './support/env-probe.ts';

const skip = referenceProblem() !== null;
const RANDOM_FILES = 150;

/** The variables that a file adds to, or changes in, what the reference was started with. */
async function setByReference(text: string | Buffer): Promise<Record<string, string>> {
  const home = mkdtempSync(join(tmpdir(), 'shardex-env-'));
  try {
    writeFileSync(join(home, '.env'), text);
    const around = { ...AROUND, PATH: process.env.PATH ?? '' };
    await using probe = new EnvProbe([referenceBinary(), 'app-server'], { ...around, CODEX_HOME: home });
    const all = Object.entries(await probe.variables());
    const before: Readonly<Record<string, string>> = around;
    return Object.fromEntries(
      all.filter(([name, value]) => before[name] !== value && name !== 'CODEX_HOME' && name !== 'PATH'),
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function setByOurs(text: string | Buffer): Record<string, string> {
  const { variables } = readEnvText(Buffer.from(text), {
    lookUp: (name) => AROUND[name],
    accepts: (name) => !name.toUpperCase().startsWith('CODEX_'),
  });
  return Object.fromEntries([...variables].filter(([name, value]) => AROUND[name] !== value));
}

describe('the reference reads .env files as the table says', { skip, concurrency: 4 }, () => {
  for (const [name, { text, sets }] of Object.entries(DOTENV_CASES)) {
    test(name, async () => assert.deepEqual(await setByReference(text), sets));
  }
});

const PARTS = 'a b # \t " \' \\ $ { } = A B HOME OUTER $A ${B} "q" \'s\' \\n \\" é ß _ . - \u00a0 \r ` 1 ½'
  .split(' ')
  .concat(' ', '\n');

function randomFile(random: Random): string {
  const names = ['A', 'B', 'C', 'D', 'E_1', 'F.x', 'export', 'CODEX_Q', 'export A', ''];
  const line = (): string => {
    const value = Array.from({ length: random.below(7) }, () => random.pick(PARTS)).join('');
    return `${random.pick(names)}=${value}${random.below(9) === 0 ? '' : '\n'}`;
  };
  return Array.from({ length: 1 + random.below(6) }, line).join('');
}

test('random files are read alike', { skip }, async (context) => {
  const random = new Random(seedOf(context));
  for (let round = 0; round < RANDOM_FILES; round += 1) {
    const text = randomFile(random);
    assert.deepEqual(setByOurs(text), await setByReference(text), JSON.stringify(text));
  }
});
