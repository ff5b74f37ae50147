import { test } from 'node:test';
import { TagLines } from '../../src/engine/plan-mode.ts';
import { requestedDelayMs } from '../../src/upstream/errors.ts';
import { rateLimitsOf } from '../../src/upstream/rate-limits.ts';
import { faultOf } from '../../src/upstream/service-errors.ts';
import { SseDecoder } from '../../src/upstream/sse.ts';
import { within } from '../support/processor-time.ts';

const LENGTH = 400_000;
/** Far more than reading the text once takes, far less than reading it once for each character. */
const LIMIT_MS = 4000;

const said = (message: string) => ({ code: null, type: null, param: null, message });

const READERS: Readonly<Record<string, (fill: (unit: string) => string) => unknown>> = {
  'a wait in white space': (fill) => requestedDelayMs(`try again in${fill(' ')}`),
  'a wait in digits': (fill) => requestedDelayMs(`try again in ${fill('1')}`),
  'a wait that is begun again and again': (fill) => requestedDelayMs(fill('try again in 1')),
  'a percentage in digits': (fill) => rateLimitsOf({ 'x-codex-primary-used-percent': `${fill('1')}x` }),
  'an error about images': (fill) => faultOf(said(fill('image gen'))),
  'a page without a title': (fill) => {
    const decoder = new SseDecoder();
    decoder.feed(Buffer.from(`<html>${fill('<title')}`));
    return decoder.ended('end');
  },
  'a line of blanks, one at a time': (fill) => {
    const lines = new TagLines();
    for (const char of fill(' ')) lines.push(char);
    return lines.end();
  },
};

for (const [what, read] of Object.entries(READERS)) {
  test(`linear-patterns: the time for ${what} grows with the text and no faster`, () => {
    within(LIMIT_MS, what, () => read((unit) => unit.repeat(LENGTH / unit.length)));
  });
}
