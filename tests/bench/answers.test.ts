import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createParser } from 'eventsource-parser';
import { answerText, promptFor, wantedDeltas } from '../../bench/upstream/answers.ts';

test('the newest prompt in a request says how many deltas are streamed', () => {
  const body = JSON.stringify({ input: [promptFor(3), 'an answer', promptFor(20_000)] });
  assert.equal(wantedDeltas(Buffer.from(body)), 20_000);
  assert.equal(wantedDeltas(Buffer.from('{"input":[]}')), 1);
});

test('an answer is one message of so many deltas, and complete', () => {
  const events: { type: string; delta?: string }[] = [];
  const parser = createParser({ onEvent: ({ data }) => events.push(JSON.parse(data)) });
  parser.feed(answerText('7', 5));
  assert.equal(events.filter(({ type }) => type === 'response.output_text.delta').length, 5);
  assert.equal(events.at(-1)?.type, 'response.completed');
});
