/**
 * What a model's side may send, at full size: a hundred megabytes, a hundred thousand items, ten million events. The turn ends, in
 * time and memory that the size allows.
 *
 *   npm run soak -- model-feeds
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fed, feed, MB, pieces, times } from '../support/feeds.ts';
import {
  completed,
  created,
  functionCall,
  itemAdded,
  message,
  messageItem,
  says,
  textDelta,
} from '../support/model-events.ts';
import { type Reply, rawStream, stream } from '../support/model-server.ts';

const QUIET = { capabilities: { optOutNotificationMethods: ['codex/event/*'] } };
const LIMIT_MS = 600_000;

const frame = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;

const FEEDS: Readonly<
  Record<string, { readonly replies: () => readonly Reply[]; readonly status: string; readonly mostBytes: number }>
> = {
  'a message of 100 MB': {
    replies: () => [stream(says('x'.repeat(100 * MB)))],
    status: 'failed',
    mostBytes: 100 * MB,
  },
  'arguments of 100 MB': {
    replies: () => [stream([created(), functionCall('c', 'shell', 'x'.repeat(100 * MB)), completed()])],
    status: 'failed',
    mostBytes: 100 * MB,
  },
  'a message that grows to 100 MB': {
    replies: () => {
      const begun = frame(itemAdded(messageItem('m', null)));
      return [rawStream(begun, ...times(1000, () => frame(textDelta('x'.repeat(100_000)))), frame(completed()))];
    },
    status: 'failed',
    mostBytes: 400 * MB,
  },
  'a line of 200 MB': {
    replies: () => [rawStream('data: ', ...times(3200, () => Buffer.alloc(64 * 1024, 'x')))],
    status: 'failed',
    mostBytes: 100 * MB,
  },
  'ten million events that say nothing': {
    replies: () => {
      const nothing = Buffer.from(frame({ type: 'x' }).repeat(10_000));
      return [rawStream(...times(1000, () => nothing), ...pieces(says('x')))];
    },
    status: 'completed',
    mostBytes: 200 * MB,
  },
  'a hundred thousand items': {
    replies: () => [rawStream(...pieces([created(), ...times(100_000, (at) => message(`m-${at}`, 'x')), completed()]))],
    status: 'completed',
    mostBytes: 400 * MB,
  },
  'a hundred thousand calls': {
    replies: () => [
      rawStream(...pieces([created(), ...times(100_000, (at) => functionCall(`c-${at}`, 'none', '{}')), completed()])),
      stream(says('done')),
    ],
    status: 'completed',
    mostBytes: 400 * MB,
  },
};

for (const [name, { replies, status, mostBytes }] of Object.entries(FEEDS)) {
  test(name, async () => {
    const fed: Fed = await feed(replies(), QUIET, LIMIT_MS);
    const grown = `${(fed.grownBytes / MB).toFixed(0)} MB`;
    process.stderr.write(`${name}: ${fed.status} ${fed.message}, ${grown} more, ${fed.cpuMs} ms\n`);
    assert.equal(fed.status, status);
    assert.ok(fed.grownBytes < mostBytes, grown);
  });
}
