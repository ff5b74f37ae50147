/**
 * What the side of the model may send: too much, too slowly, without an end, without a sense. The turn ends in words, in bounded
 * time and memory, and the server goes on. Feeds that take longer are in `tests/soak/model-feeds.test.ts`.
 */
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import { Box } from '../support/box.ts';
import { feed, feedAll, MB, nested, pieces, times } from '../support/feeds.ts';
import {
  calls,
  completed,
  created,
  customToolCall,
  functionCall,
  itemAdded,
  itemDone,
  type ModelEvent,
  message,
  messageItem,
  reasoningItem,
  says,
  shell,
  textDelta,
} from '../support/model-events.ts';
import { json, type Reply, rawStream, type Step, status, stream, withHeaders } from '../support/model-server.ts';
import { peakBytes } from '../support/processes.ts';

const frame = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;
/** A feed takes a tenth of this at most, and far more where something of it is done again and again. */
const MOST_CPU_MS = 15_000;

const after = (events: readonly ModelEvent[]): ModelEvent[] => events.slice(1);

/** The same step again and again, until the client leaves. */
function endless(first: readonly ModelEvent[], step: string | Uint8Array, everyMs: number): Reply {
  const bytes = typeof step === 'string' ? Buffer.from(step) : step;
  const wait = everyMs === 0 ? [] : [() => pause(everyMs)];
  return stream([...first], times(everyMs === 0 ? 20_000 : 1000, (): Step[] => [bytes, ...wait]).flat());
}

describe('time', () => {
  const IMPATIENT = { provider: 'request_max_retries = 0\nstream_max_retries = 0\nstream_idle_timeout_ms = 100\n' };

  const NOTHING_SAID: Readonly<Record<string, string>> = {
    'unknown events': frame({ type: 'response.of_a_later_version' }),
    'signs of life': frame({ type: 'response.in_progress', response: {} }),
    'empty deltas': frame(textDelta('')),
    'empty parts': frame({ type: 'response.reasoning_summary_part.added', summary_index: 0 }),
    'unknown items': frame(itemDone({ type: 'of_a_later_version', id: 'x' })),
    'empty arguments': frame({ type: 'response.function_call_arguments.delta', item_id: 'f', delta: '' }),
    garbage: 'data: {"type":\n\n',
    comments: ': ping\n\n',
    'lines of nothing': '\n\n',
    bytes: 'x',
  };
  test('what goes on without an end, and without a word, is no answer', async () => {
    const replies = Object.entries(NOTHING_SAID).map(([name, step]) => {
      return [name, [endless([created(), itemAdded(messageItem('m', null))], step, 20)]] as const;
    });
    const fed = await feedAll(Object.fromEntries(replies), IMPATIENT);
    for (const [name, { status: how, message: text }] of fed) {
      assert.equal(how, 'failed', name);
      assert.match(text, /goes on without an answer|idle timeout/, name);
    }
  });

  test('an error that explains itself for ever is one all the same', async () => {
    // It is waited for as long as for a word of an answer, and the beginning comes at once: more patience for a slow machine.
    const provider = IMPATIENT.provider.replace('= 100', '= 1500');
    const fed = await feed([{ ...endless([], 'because ', 20), status: 400 }], { provider });
    assert.equal(fed.status, 'failed');
    assert.match(fed.message, /^because /);
  });

  test('a redirect to itself', async () => {
    await using box = await Box.open(IMPATIENT);
    box.model.route('POST', '/v1/responses', status(307, '', { location: '/v1/responses' }));
    const ended = await (await box.turn(await box.thread(), 'Hi')).ended();
    assert.match(ended.error.message, /too many redirects/);
  });
});

describe('size', () => {
  const TOO_MUCH: Readonly<Record<string, () => readonly Step[]>> = {
    'a message of 5 MB': () => says('x'.repeat(5 * MB)),
    'an answer that grows to 5 MB': () => [
      ...[created(), itemAdded(messageItem('m', null))],
      ...times(80, () => textDelta('x'.repeat(64 * 1024))),
    ],
    'thoughts that grow to 5 MB': () => [
      ...[created(), itemAdded(reasoningItem('r', []))],
      ...times(80, () => ({ type: 'response.reasoning_text.delta', content_index: 0, delta: 'x'.repeat(64 * 1024) })),
    ],
    'arguments of 10 MB': () => calls(shell('c', ['echo', 'x'.repeat(10 * MB)])),
    'arguments that grow to 10 MB': () => [
      itemAdded({ type: 'function_call', id: 'f', call_id: 'c', name: 'shell', arguments: '' }),
      ...times(160, () => ({
        type: 'response.function_call_arguments.delta',
        item_id: 'f',
        delta: 'x'.repeat(64 * 1024),
      })),
    ],
    'a patch of 10 MB': () => calls(customToolCall('c', 'apply_patch', 'x'.repeat(10 * MB))),
    'a seal of 10 MB': () => [
      itemDone({ ...reasoningItem('r', []), encrypted_content: 'x'.repeat(10 * MB) }),
      completed(),
    ],
    'an item that only the end lists': () => [
      created(),
      { type: 'response.completed', response: { id: 'r', output: [messageItem('m', 'x'.repeat(5 * MB))] } },
    ],
    'an event of 20 MB': () => says('x'.repeat(20 * MB)),
    'a line without end': () => [Buffer.from('data: '), ...times(320, () => Buffer.alloc(64 * 1024, 'x'))],
    'an event of lines without end': () => times(20, () => Buffer.from(`data: ${'x'.repeat(1000)}\n`.repeat(1024))),
    'items that are begun and never done': () => times(2000, (at) => itemAdded(messageItem(`m-${at}`, null))),
  };
  for (const [name, steps] of Object.entries(TOO_MUCH)) {
    test(`${name}: refused in words, and memory stays bounded`, async () => {
      const fed = await feed([stream(steps())]);
      assert.equal(fed.status, 'failed');
      assert.match(fed.message, /size limit|none of them finished/);
      // What was shown while it grew goes to the client and into the thread's file as well.
      const mostBytes = (name.includes('grow') ? 192 : 80) * MB;
      assert.ok(fed.grownBytes < mostBytes, `${fed.grownBytes / MB} MB`);
      assert.ok(fed.cpuMs < MOST_CPU_MS, `${fed.cpuMs} ms`);
    });
  }

  test('a body that holds no event is shown by its beginning', async () => {
    const fed = await feed([rawStream(...times(120, () => Buffer.alloc(64 * 1024, 'x')))]);
    assert.match(fed.message, /sent text .*: x+…$/);
    assert.ok(fed.grownBytes < 80 * MB, `${fed.grownBytes / MB} MB`);
  });

  test('bombs stay packed, as answers and as errors', async () => {
    const plain = Buffer.alloc(32 * MB, 'x');
    const bombs = {
      gzip: gzipSync(plain),
      deflate: deflateSync(plain),
      br: Buffer.alloc(1024, 'x'),
      zstd: Buffer.alloc(1024, 'x'),
    };
    await using box = await Box.open();
    const thread = await box.thread();
    const { pid } = box.client.server.child;
    const before = peakBytes(pid);
    for (const [encoding, bomb] of Object.entries(bombs)) {
      for (const code of [200, 400, 500]) {
        box.model.script({ ...withHeaders({ 'content-encoding': encoding }, rawStream(bomb)), status: code });
        const { status: how, error } = await (await box.turn(thread, 'Hi')).ended();
        assert.equal(how, 'failed');
        assert.match(error.message, /compressed|unexpected status|high demand/);
      }
    }
    assert.ok(peakBytes(pid) - before < 48 * MB, `${(peakBytes(pid) - before) / MB} MB`);
  });

  test('a list of models, an error and a usage report without end are cut off', async () => {
    await using box = await Box.open();
    const thread = await box.thread();
    box.model.route('GET', '/v1/models', endless([], 'x'.repeat(64 * 1024), 0));
    box.model.script({ ...endless([], 'x'.repeat(64 * 1024), 0), status: 400 });
    const { status: how, error } = await (await box.turn(thread, 'Hi')).ended();
    assert.equal(how, 'failed');
    assert.ok(error.message.length < 16 * 1024);
    await box.call('model/list', {});
  });
});

describe('number', () => {
  test('thousands of items of one name, and calls of one name', async () => {
    const items = times(5000, (at) => [
      message('same', `text ${at}`),
      functionCall('same', 'no such tool', '{}'),
    ]).flat();
    const fed = await feed([rawStream(...pieces([created(), ...items, completed()])), stream(says('done'))], {
      capabilities: { optOutNotificationMethods: ['codex/event/*'] },
    });
    assert.equal(fed.status, 'completed');
    assert.equal(new Set(fed.turn.items().map(({ id }) => id)).size, fed.turn.items().length);
    assert.ok(fed.cpuMs < MOST_CPU_MS, `${fed.cpuMs} ms`);
  });

  test('of very many calls the first ones are run, and the model is told so', async () => {
    await using box = await Box.open();
    const many = times(1200, (at) => functionCall(`c-${at}`, 'update_plan', { plan: 'none' }));
    box.model.script(rawStream(...pieces([created(), ...many, completed()])), stream(says('done')));
    await box.completed(await box.thread(), 'Hi');
    const outputs = (await box.sent(2)).filter(({ type }) => type === 'function_call_output');
    assert.equal(outputs.length, 1200);
    assert.equal(outputs.filter(({ output }) => String(output).startsWith('not run: only the first 1000')).length, 200);
  });

  test('a hundred thousand events that say nothing are passed over', async () => {
    const nothing = Buffer.from(frame({ type: 'x' }).repeat(10_000));
    const fed = await feed([rawStream(...times(10, () => nothing), ...pieces(says('x')))]);
    assert.equal(fed.status, 'completed');
    assert.ok(fed.cpuMs < MOST_CPU_MS, `${fed.cpuMs} ms`);
  });
});

describe('depth', () => {
  const deep = nested(100_000);
  const item = (text: string): string => `data: {"type":"response.output_item.done","item":{${text}}}\n\n`;
  const DEEP: Readonly<Record<string, readonly string[]>> = {
    'an unknown event': [`data: {"type":"x","a":${deep}}\n\n`, ...says('x').map(frame)],
    'a message': [item(`"type":"message","role":"assistant","content":${deep}`), frame(completed())],
    arguments: [
      item(`"type":"function_call","name":"shell","call_id":"c","arguments":{"command":${deep}}`),
      frame(completed()),
    ],
    'arguments as text': [frame(functionCall('c', 'shell', `{"command":${deep}}`)), frame(completed())],
    'input of a tool': [item(`"type":"custom_tool_call","name":"t","call_id":"c","input":${deep}`), frame(completed())],
    'an environment': [
      item(`"type":"local_shell_call","call_id":"c","action":{"type":"exec","command":["true"],"env":{"a":${deep}}}`),
      frame(completed()),
    ],
    'a failure': [`data: {"type":"response.failed","response":{"error":{"detail":[{"loc":[${deep}],"msg":"m"}]}}}\n\n`],
    'the last event': [
      ...says('x').slice(0, 2).map(frame),
      `data: {"type":"response.completed","response":{"id":"r","a":${deep}}}\n\n`,
    ],
  };
  test('the turn ends, and never speaks of a stack', async () => {
    const replies = Object.entries(DEEP).map(([name, text]) => [name, [rawStream(...text)]] as const);
    for (const [name, { turn, status: how, message: text }] of await feedAll(Object.fromEntries(replies))) {
      assert.ok(how === 'completed' || text !== '', name);
      assert.doesNotMatch(JSON.stringify(turn.all('error')), /call stack/, name);
    }
  });

  test('the body of an error', async () => {
    const fed = await feed([status(422, `{"detail":[{"loc":${deep},"msg":"wrong"}]}`)]);
    assert.match(fed.message, /422/);
  });
});

describe('words, however they come', () => {
  const part = (text: string) => ({ type: 'output_text', text });
  const SPOKEN: Readonly<Record<string, readonly ModelEvent[]>> = {
    'deltas that are objects': [
      { type: 'response.output_text.delta', item_id: 'm', delta: { type: 'text', text: 'Hel' } },
      { type: 'response.output_text.delta', item_id: 'm', delta: { text: 'lo' } },
    ],
    'a part that is done': [
      { type: 'response.content_part.done', item_id: 'm', content_index: 0, part: part('Hello') },
    ],
    'a part that is done after its deltas': [
      { type: 'response.output_text.delta', item_id: 'm', content_index: 0, delta: 'Hello' },
      { type: 'response.output_text.done', item_id: 'm', content_index: 0, text: 'Hello' },
      { type: 'response.content_part.done', item_id: 'm', content_index: 0, part: part('Hello') },
    ],
    'two parts that are done': [
      { type: 'response.content_part.done', item_id: 'm', content_index: 0, part: part('Hel') },
      { type: 'response.output_text.done', item_id: 'm', content_index: 1, text: 'lo' },
      { type: 'response.content_part.done', item_id: 'm', content_index: 1, part: part('lo') },
    ],
    'a refusal in a part': [
      {
        type: 'response.content_part.done',
        item_id: 'm',
        content_index: 0,
        part: { type: 'refusal', refusal: 'Hello' },
      },
    ],
  };
  test('they are shown, once', async () => {
    const replies = Object.entries(SPOKEN).map(([name, events]) => [
      name,
      [stream(created(), [...events], completed())],
    ]);
    for (const [name, { turn }] of await feedAll(Object.fromEntries(replies))) {
      assert.deepEqual(
        turn.items('agentMessage').map(({ text }) => text),
        ['Hello'],
        name,
      );
      assert.equal(
        turn
          .all('item/agentMessage/delta')
          .map(({ delta }) => delta)
          .join(''),
        'Hello',
        name,
      );
    }
  });

  const THOUGHT: Readonly<Record<string, readonly ModelEvent[]>> = {
    'a summary that is done': [
      { type: 'response.reasoning_summary_text.done', item_id: 'r', summary_index: 0, text: 'so' },
    ],
    'a part of a summary that is done': [
      {
        type: 'response.reasoning_summary_part.done',
        item_id: 'r',
        summary_index: 0,
        part: { type: 'summary_text', text: 'so' },
      },
    ],
    'a summary and its end': [
      { type: 'response.reasoning_summary_text.delta', item_id: 'r', summary_index: 0, delta: 'so' },
      { type: 'response.reasoning_summary_text.done', item_id: 'r', summary_index: 0, text: 'so' },
    ],
  };
  test('so are thoughts', async () => {
    const replies = Object.entries(THOUGHT).map(([name, events]) => [
      name,
      [stream(created(), [...events], after(says('Hello')))],
    ]);
    for (const [name, { turn }] of await feedAll(Object.fromEntries(replies))) {
      assert.deepEqual(
        turn.items('reasoning').map(({ summary }) => summary),
        [['so']],
        name,
      );
    }
  });

  test('a thought that is never done ends with its turn', async () => {
    const begun = [
      created(),
      itemAdded(reasoningItem('r', [])),
      { type: 'response.reasoning_summary_part.added', summary_index: 0 },
    ];
    const fed = await feedAll({ completed: [stream(begun, after(says('x')))], failed: [stream(begun)] });
    for (const [how, { turn, status: found }] of fed) {
      assert.equal(found, how);
      assert.equal(turn.items('reasoning').length, 1);
    }
  });

  test('the other dialect is named', async () => {
    const chunk = { id: 'x', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Hello' } }] };
    const whole = { id: 'x', object: 'chat.completion', choices: [{ index: 0, message: { content: 'Hello' } }] };
    for (const reply of [rawStream(frame(chunk), 'data: [DONE]\n\n'), json(whole)]) {
      assert.match((await feed([reply])).message, /Chat Completions.*wire_api = "chat"/);
    }
  });

  test('a refusal for too many requests shows what the service says', async () => {
    const fed = await feed([status(429, { error: { message: 'Your project is out of tokens until noon.' } })]);
    assert.match(fed.message, /429 Too Many Requests.*out of tokens until noon/);
  });
});

/** A service below HTTP: what a `ModelServer` cannot be made to send. */
async function rawService(serve: (socket: Socket) => void): Promise<{ readonly baseUrl: string } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', () => serve(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('heads', () => {
  const HEADS: Readonly<Record<string, (socket: Socket) => void>> = {
    'headers without end': (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const more = (): void =>
        void socket.write(`x-a: ${'y'.repeat(1000)}\r\n`, () => (socket.destroyed ? undefined : setImmediate(more)));
      more();
    },
    'a line without end': (socket) => {
      const more = (): void =>
        void socket.write('H'.repeat(1000), () => (socket.destroyed ? undefined : setImmediate(more)));
      more();
    },
    'no HTTP': (socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  };
  for (const [name, serve] of Object.entries(HEADS)) {
    test(name, async () => {
      await using service = await rawService(serve);
      await using box = await Box.open();
      const config = { 'model_providers.local.base_url': service.baseUrl };
      const { status: how, error } = await (await box.turn(await box.thread({ config }), 'Hi')).ended();
      assert.equal(how, 'failed');
      assert.match(error.message, /could not be sent/);
    });
  }
});
