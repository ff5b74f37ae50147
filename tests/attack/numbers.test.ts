/**
 * Numbers from outside that would become a size, an index, a time or a count: whatever they are, the turn ends, the server
 * answers, and memory stays what it was.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LONGEST_TIMER_MS, timerMs } from '../../src/base/timers.ts';
import { requestedDelayMs } from '../../src/upstream/errors.ts';
import { Box, outputOf } from '../support/box.ts';
import {
  calls,
  created,
  failed,
  itemAdded,
  type ModelEvent,
  reasoning,
  reasoningItem,
  says,
  shell,
} from '../support/model-events.ts';
import { delayed, hang, rawStream, status, stream, withHeaders } from '../support/model-server.ts';
import { peakBytes } from '../support/processes.ts';
import { filesBelow, readProjectFile } from '../support/project.ts';
import { readSource } from '../support/source-text.ts';

const MB = 2 ** 20;
const MOST_GROWTH_BYTES = 64 * MB;

/** Beyond every use, at every border, and no numbers at all; spelt as JSON, which knows more of them than `JSON.stringify`. */
const NUMBERS = [
  ...['4294967294', '4294967295', '2147483648', '9007199254740991', '9007199254740992', '9223372036854775807'],
  ...['1e21', '1e308', '1e999', '100000', '-1', '-9007199254740992', '-0', '0.5', '"NaN"', '"7"', 'null', '[]', '{}'],
];

/** The events as text, with the number where they have `"#"`. */
const withNumbers = (event: object): string =>
  NUMBERS.map((number) => `data: ${JSON.stringify(event).replaceAll('"#"', number)}\n\n`).join('');

const framed = (events: readonly ModelEvent[]): string =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

const IN_STREAM: Readonly<Record<string, object>> = {
  'the index of a part of a summary': { type: 'response.reasoning_summary_part.added', summary_index: '#' },
  'the index of a summary': { type: 'response.reasoning_summary_text.delta', summary_index: '#', delta: 'x' },
  'the index of a whole summary': { type: 'response.reasoning_summary_text.done', summary_index: '#', text: 'x' },
  'the index of a thought': { type: 'response.reasoning_text.delta', content_index: '#', delta: 'x' },
  'the index of a whole thought': { type: 'response.reasoning_text.done', content_index: '#', text: 'x' },
  'the indexes of a text': { type: 'response.output_text.delta', content_index: '#', output_index: '#', delta: '' },
  'the place of an item': { type: 'response.output_item.added', output_index: '#', item: { type: 'reasoning' } },
  'the place of arguments': { type: 'response.function_call_arguments.delta', output_index: '#', delta: 'x' },
};

describe('numbers in the stream of a model', () => {
  test('whatever they count or name: the turn ends, the server goes on, nothing is made room for', async () => {
    await using box = await Box.open();
    const { pid } = box.client.server.child;
    await box.thread(); // starts all that a turn needs
    for (const [name, event] of Object.entries(IN_STREAM)) {
      const thread = await box.thread();
      const before = peakBytes(pid);
      const begun = framed([created(), itemAdded(reasoningItem('r', []))]);
      const rest = framed([reasoning('r', ['a thought']), ...says('Hello').slice(1)]);
      box.model.script(rawStream(begun, withNumbers(event), rest), stream(says('again')));
      await (await box.turn(thread, 'Hi')).ended();
      await box.completed(thread, 'still there?');
      assert.ok(peakBytes(pid) - before < MOST_GROWTH_BYTES, `${name}: ${(peakBytes(pid) - before) / MB} MB`);
      const longest = Math.max(...box.client.lines.map(({ length }) => length));
      assert.ok(longest < 64 * 1024, `${name}: a line of ${longest}`);
    }
  });

  test('usage that no one can have had: tokens are whole numbers that every client can read', async () => {
    await using box = await Box.open();
    const thread = await box.thread();
    const counts = ['input_tokens', 'output_tokens', 'total_tokens'].map((name) => `"${name}":#`).join(',');
    for (const number of NUMBERS) {
      const usage = `{${counts},"input_tokens_details":{"cached_tokens":#},"output_tokens_details":{"reasoning_tokens":#}}`;
      const end = `data: {"type":"response.completed","response":{"id":"r","usage":${usage.replaceAll('#', number)}}}\n\n`;
      box.model.script(rawStream(framed(says('x').slice(0, 2)), end));
      await box.completed(thread, 'Hi');
    }
    const told = box.client.ofMethod('thread/tokenUsage/updated');
    assert.ok(told.length > 0);
    for (const { params } of told) {
      for (const count of [...Object.values(params.tokenUsage.total), ...Object.values(params.tokenUsage.last)]) {
        assert.ok(Number.isSafeInteger(count) && Number(count) >= 0, String(count));
      }
    }
  });

  test('a wait of days: the turn ends with what the service says', async () => {
    await using box = await Box.open({ provider: 'request_max_retries = 0\nstream_max_retries = 2\n' });
    for (const wait of ['1000000s', '99999999999999999999s', '4000000000ms', '301s']) {
      box.model.script(stream(failed('rate_limit_exceeded', `Please try again in ${wait}.`)));
      const ended = await (await box.turn(await box.thread(), 'Hi')).ended();
      assert.equal(ended.status, 'failed');
      assert.match(ended.error.message, /Please try again in/);
    }
    assert.equal(requestedDelayMs(`try again in ${'9'.repeat(400)}s`), null);
  });

  test('limits of the account and their times', async () => {
    await using box = await Box.open();
    const thread = await box.thread();
    for (const number of [...NUMBERS, 'NaN', 'Infinity', '0x10', '']) {
      const names = ['primary', 'secondary'].flatMap((name) =>
        ['used-percent', 'window-minutes', 'reset-at'].map((member) => `x-codex-${name}-${member}`),
      );
      const headers = Object.fromEntries(names.map((name) => [name, number]));
      const error = `{"error":{"type":"usage_limit_reached","resets_at":${number === '' ? 'null' : number}}}`;
      const capped = { ...headers, 'x-codex-model-cap-model': 'm', 'x-codex-model-cap-reset-after-seconds': number };
      box.model.script(withHeaders(headers, stream(says('x'))), status(429, error, headers), status(429, '', capped));
      for (const how of ['completed', 'failed', 'failed']) {
        const turn = await box.turn(thread, 'Hi');
        assert.equal((await turn.ended()).status, how, number);
      }
    }
  });
});

test('a time limit of a command: none is too long, none that is no time is taken', async () => {
  await using box = await Box.open({ sandboxMode: 'danger-full-access' });
  const thread = await box.thread();
  for (const [number, expected] of [
    ['4294967296', /"exit_code":0/],
    ['9007199254740991', /"exit_code":0/],
    ['1e308', /timeout_ms/],
    ['-1', /timeout_ms/],
    ['0.5', /timeout_ms/],
  ] as const) {
    const call = JSON.stringify(calls(shell(`c-${number}`, ['sleep', '0.05'], { timeout_ms: '#' })));
    const events: ModelEvent[] = JSON.parse(call.replace('\\"#\\"', number));
    box.model.received.length = 0;
    box.model.script(stream(events), stream(says('ok')));
    await box.completed(thread, 'Hi');
    assert.match(outputOf(await box.sent(2), `c-${number}`), expected, number);
  }
});

/** Keys of config.toml that hold a number, in front of the tables and in the provider's. */
const KEYS = [
  ...['model_context_window', 'model_auto_compact_token_limit', 'tool_output_token_limit', 'project_doc_max_bytes'],
  ...['threads.idle_unload_minutes', 'file_search.max_indexed_files', 'agents.max_threads'],
];
const PROVIDER_KEYS = ['request_max_retries', 'stream_max_retries', 'stream_idle_timeout_ms'];
const HUGE = ['1000000000000000000', '9223372036854775807'];

/** The first request is answered with a call, all others with words: however often the history is compacted, that ends. */
function answer(box: Box): void {
  let asked = 0;
  box.model.route('POST', '/v1/responses', () => {
    asked += 1;
    return delayed(10, stream(asked === 1 ? calls(shell('c', ['true'])) : says(`answer ${asked}`, `m-${asked}`)));
  });
}

describe('numbers in config.toml', () => {
  for (const value of [0, 1, -1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    test(`${value}, wherever one stands: a turn ends, or the key is named`, async () => {
      await using box = await Box.open();
      box.write('AGENTS.md', 'be kind');
      for (const key of [...KEYS, ...PROVIDER_KEYS.map((name) => `model_providers.local.${name}`)]) {
        const started = await box.client.request('thread/start', { config: { [key]: value } });
        if (started.error !== undefined) {
          assert.match(started.error.message, new RegExp(key.split('.').at(-1) ?? ''));
          continue;
        }
        answer(box);
        const ended = await (await box.turn(started.result.thread.id, 'Hi')).ended();
        const isNoTime = key.endsWith('stream_idle_timeout_ms') && value < 2;
        if (!isNoTime) assert.equal(ended.status, 'completed', `${key}: ${JSON.stringify(ended.error)}`);
      }
    });
  }

  for (const value of HUGE) {
    test(`${value}, wherever one stands`, async () => {
      const lines = (names: readonly string[]): string => names.map((name) => `${name} = ${value}\n`).join('');
      await using box = await Box.open({ top: lines(KEYS), provider: lines(PROVIDER_KEYS) });
      answer(box);
      await box.completed(await box.thread(), 'Hi');
    });
  }

  test('a window of no tokens is none: nothing is compacted for it', async () => {
    await using box = await Box.open({ top: 'model_context_window = 0\nmodel_auto_compact_token_limit = -5\n' });
    box.model.script(stream(says('x')), stream(says('y', 'm-2')));
    const thread = await box.thread();
    await box.completed(thread, 'Hi');
    await box.completed(thread, 'Hi');
    assert.equal(box.model.to().length, 2);
  });

  test('a silence of more than 25 days is as long as a timer can be, not none', async () => {
    await using box = await Box.open({
      provider: 'request_max_retries = 0\nstream_max_retries = 0\nstream_idle_timeout_ms = 9223372036854775807\n',
    });
    box.model.script(hang(says('x').slice(0, 2)));
    const turn = await box.turn(await box.thread(), 'Hi');
    await turn.wait('item/completed', ({ params }) => params.item.type === 'agentMessage');
    // A timer that fires at once has fired when a command has run.
    await box
      .call('command/exec', { command: ['sleep', '0.1'], sandboxPolicy: { type: 'dangerFullAccess' } })
      .catch(() => 0);
    assert.equal(turn.all('error').length, 0);
    await turn.interrupt();
    assert.equal((await turn.ended()).status, 'interrupted');
  });
});

test('limits and places of lists: the largest that the wire knows cost nothing', async () => {
  await using box = await Box.open();
  const threadId = await box.thread();
  box.model.script(stream(says('x')));
  await box.completed(threadId, 'Hi');
  const { pid } = box.client.server.child;
  const before = peakBytes(pid);
  const wide = 4294967295;
  for (const limit of [wide, 0, 1]) {
    await box.call('thread/list', { limit });
    await box.call('thread/loaded/list', { limit });
    await box.call('model/list', { limit });
    await box.call('thread/turns/list', { threadId, limit }).catch(() => 0);
    await box.call('listConversations', { pageSize: limit === wide ? Number.MAX_SAFE_INTEGER : limit });
  }
  for (const cursor of ['18446744073709551615', `1${'0'.repeat(5000)}`, '-1', 'after|999999999999999|x', '1e9']) {
    await box.client.request('model/list', { cursor });
    await box.client.request('thread/list', { cursor });
    await box.client.request('thread/turns/list', { threadId, cursor, limit: 5 });
  }
  await box.client.request('thread/rollback', { threadId, numTurns: wide });
  assert.ok(peakBytes(pid) - before < MOST_GROWTH_BYTES);
});

test('a delay for a timer is one that timers keep', () => {
  assert.deepEqual([0, 5, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 31 - 1, 9e18].map(timerMs), [
    0,
    5,
    0,
    0,
    LONGEST_TIMER_MS,
    LONGEST_TIMER_MS,
    LONGEST_TIMER_MS,
    LONGEST_TIMER_MS,
  ]);
});

/** Delays that are written down are short; all others go through `timerMs`. */
test('no timer is set for a time that was not bounded', () => {
  const found = filesBelow('src')
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const { code } = readSource(readProjectFile(name));
      return [...code.matchAll(/\b(?:setTimeout|setInterval|AbortSignal\.timeout)(?=\()/g)].map(
        ({ 0: word, index }) => ({
          name,
          given: argumentsAt(code, index + word.length),
        }),
      );
    })
    .filter(({ given }) => !/(?:^|,)\s*(?:[A-Z][A-Z0-9_]+|timerMs\(.*\)(?:, \.\.\.args)?),?\s*$/s.test(given));
  assert.deepEqual(found, []);
});

/** What stands between a bracket and its partner. */
function argumentsAt(code: string, from: number): string {
  let depth = 0;
  for (let at = from; at < code.length; at += 1) {
    if (code[at] === '(') depth += 1;
    if (code[at] === ')') depth -= 1;
    if (depth === 0) return code.slice(from + 1, at);
  }
  return '';
}
