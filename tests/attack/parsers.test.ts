/** A little of what `tests/soak/fuzz.test.ts` does for hours: the same inputs each time, so that a failure is one of the change. */
import { test } from 'node:test';
import { fuzz, READERS } from '../support/fuzz.ts';
import { Random } from '../support/random.ts';

const INPUTS = 3000;
const SEED = 11;

for (const name of Object.keys(READERS)) {
  test(`${INPUTS} inputs for ${name}`, () => fuzz(name, INPUTS, new Random(SEED)));
}
