/** An upstream that fails: statuses, broken streams, retries, limits; compaction, interrupts and input during a turn. */
import {
  calls,
  completed,
  created,
  failed,
  incomplete,
  itemAdded,
  message,
  messageItem,
  reasoning,
  says,
  shell,
  shellCommand,
  streams,
  textDelta,
} from '../../support/model-events.ts';
import {
  cut,
  gate,
  hang,
  json,
  type Reply,
  rawStream,
  status,
  stream,
  withHeaders,
} from '../../support/model-server.ts';
import type { Conversation } from '../support/compare.ts';
import type { Loose, Session } from '../support/session.ts';

const RETRIES = { provider: 'request_max_retries = 1\nstream_max_retries = 2\nstream_idle_timeout_ms = 700' };

const good = (id: string): Reply => stream(says('fine', id, { input: 5, output: 1 }));

/** Each reply ends a turn of its own; then one that succeeds, which shows what stayed. */
const each =
  (...replies: readonly Reply[]) =>
  async (s: Session): Promise<void> => {
    const thread = await s.thread();
    for (const [at, reply] of replies.entries()) {
      s.model.script(reply);
      await s.turn(thread, `turn ${at}`);
    }
    s.model.script(good('m-last'));
    await s.turn(thread, 'last');
    await s.call('thread/read', { threadId: thread, includeTurns: true });
  };

const error = (code: string, text = 'scripted'): Loose => ({ error: { code, message: text, type: code } });

const LIMIT_HEADERS = {
  'x-codex-primary-used-percent': '12.5',
  'x-codex-primary-window-minutes': '300',
  'x-codex-primary-reset-at': '2000000000',
  'x-codex-secondary-used-percent': '100',
  'x-codex-secondary-window-minutes': '10080',
  'x-codex-credits-has-credits': 'true',
  'x-codex-credits-unlimited': 'false',
  'x-codex-credits-balance': '9.99',
};

export const failures: readonly Conversation[] = [
  {
    name: 'every status without retries',
    talk: each(
      status(400, error('invalid_request_error')),
      status(403, 'forbidden text'),
      status(404, { detail: 'not here' }),
      status(413, error('context_length_exceeded')),
      status(418, ''),
      status(429, error('rate_limit_exceeded')),
      status(429, error('usage_limit_reached')),
      status(500, error('server_error')),
      status(503, error('server_is_overloaded')),
    ),
    mask: hideSentences,
  },
  {
    name: 'failures inside streams without retries',
    talk: each(
      stream(created(), failed('context_length_exceeded')),
      stream(created(), failed('insufficient_quota')),
      stream(created(), failed('rate_limit_exceeded', 'Please try again in 1ms.')),
      stream(created(), failed('invalid_prompt', 'bad prompt')),
      stream(created(), failed('whatever', 'a text')),
      stream(created(), failed('server_is_overloaded')),
      stream(created(), failed('x'), completed()),
      stream(created(), incomplete('max_output_tokens')),
      stream(),
      rawStream('data: [DONE]\n\n'),
      json({ not: 'a stream' }),
    ),
    mask: hideSentences,
  },
  {
    name: 'streams that break, then succeed',
    setUp: RETRIES,
    talk: async (s) => {
      s.model.script(
        cut(created(), itemAdded(messageItem('m0', null)), textDelta('lost ')),
        stream(created(), message('m1', 'half')),
        stream(streams(['whole'], 'm2')),
      );
      const thread = await s.thread();
      await s.turn(thread, 'go');
      s.model.script(good('m3'));
      await s.turn(thread, 'on');
    },
    mask: hideSentences,
  },
  {
    name: 'requests that are refused, then succeed',
    setUp: RETRIES,
    talk: async (s) => {
      s.model.script(status(500, error('x')), good('m1'));
      const thread = await s.thread();
      await s.turn(thread, 'go');
      s.model.script(
        status(503),
        status(502),
        stream(created(), failed('rate_limit_exceeded', 'try again in 20ms')),
        good('m2'),
      );
      await s.turn(thread, 'on');
    },
    mask: hideSentences,
  },
  {
    name: '429 until the retries are used up',
    setUp: RETRIES,
    talk: async (s) => {
      s.model.script(
        ...Array.from({ length: 8 }, () =>
          status(429, error('rate_limit_exceeded', 'slow down'), { 'retry-after': '0' }),
        ),
      );
      await s.turn(await s.thread(), 'go');
    },
    mask: hideSentences,
  },
  {
    name: 'a stream that falls silent',
    setUp: { provider: 'request_max_retries = 0\nstream_max_retries = 1\nstream_idle_timeout_ms = 400' },
    talk: async (s) => {
      s.model.script(hang(created(), itemAdded(messageItem('m0', null)), textDelta('x')), good('m1'));
      await s.turn(await s.thread(), 'go');
    },
    mask: hideSentences,
  },
  {
    name: 'a stream that breaks behind a call: the call is stopped and not repeated',
    setUp: RETRIES,
    talk: async (s) => {
      const held = gate();
      s.model.script(cut(created(), shell('c1', ['sleep', '20']), held.wait), good('m1'), good('m2'));
      const thread = await s.thread();
      await s.begin(thread, 'go');
      await s.waitFor(({ method, params }) => method === 'item/started' && params.item.id === 'c1', 'the call');
      held.open();
      await s.ended(thread);
      await s.turn(thread, 'on');
    },
    mask: hideSentences,
  },
  {
    name: 'limits and usage as headers, a model tag, a routing token',
    talk: async (s) => {
      const headers = { ...LIMIT_HEADERS, 'x-models-etag': 'v2', 'x-codex-turn-state': 'sticky' };
      s.model.script(
        withHeaders(headers, stream(calls(shell('c1', ['echo', 'x'])))),
        withHeaders({ 'x-codex-turn-state': 'other', 'x-codex-primary-used-percent': '99' }, good('m1')),
        withHeaders({ 'x-codex-primary-used-percent': 'many' }, good('m2')),
      );
      const thread = await s.thread();
      await s.turn(thread, 'one');
      await s.turn(thread, 'two');
    },
  },
  {
    name: 'usage limits of several plans',
    talk: each(
      ...['plus', 'pro', 'free', 'team', 'unheard-of'].map((plan) =>
        status(
          429,
          { error: { type: 'usage_limit_reached', plan_type: plan, resets_at: 4_000_000_000 } },
          LIMIT_HEADERS,
        ),
      ),
      status(429, { error: { type: 'usage_limit_reached' } }),
      status(429, { error: { type: 'usage_not_included' } }),
    ),
    mask: hideSentences,
  },
  {
    name: 'compaction between turns and inside one, with reasoning and calls before it',
    setUp: { top: 'model_auto_compact_token_limit = 1000\ncompact_prompt = "MARK-compact"' },
    talk: async (s) => {
      s.model.script(
        stream([
          created(),
          reasoning('r1', ['why']),
          shellCommand('c1', 'echo a'),
          completed('r', { input: 100, output: 1 }),
        ]),
        stream(says('long', 'm1', { input: 5000, output: 10 })),
        stream(says('MARK-summary', 'm2', { input: 200, output: 10 })),
        stream(says('after', 'm3', { input: 50, output: 5 })),
        stream([created(), shellCommand('c2', 'echo b'), completed('r', { input: 2000, output: 1 })]),
        stream(says('MARK-second-summary', 'm4', { input: 20, output: 1 })),
        stream(says('end', 'm5', { input: 60, output: 5 })),
        stream(says('more', 'm6', { input: 60, output: 5 })),
      );
      const thread = await s.thread({ experimentalRawEvents: true });
      for (const text of ['first', 'second', 'third', 'fourth']) await s.turn(thread, text);
    },
    mask: hideEstimates,
  },
  {
    name: 'compaction between turns whose settings differ, and after a resume',
    setUp: { top: 'model_auto_compact_token_limit = 1000\ncompact_prompt = "MARK-compact"', model: 'gpt-5.2-codex' },
    talk: async (s) => {
      s.model.script(
        stream(says('long', 'm1', { input: 5000, output: 10 })),
        stream(says('MARK-summary', 'm2', { input: 200, output: 10 })),
        stream(says('after', 'm3', { input: 5000, output: 5 })),
        stream(says('MARK-third-summary', 'm4', { input: 20, output: 1 })),
        stream(says('end', 'm5', { input: 60, output: 5 })),
      );
      const threadId = await s.thread({ experimentalRawEvents: true });
      await s.turn(threadId, 'first');
      await s.turn(threadId, 'second', { cwd: s.folder, approvalPolicy: 'on-request', personality: 'pragmatic' });
      await s.stop();
      await s.start();
      await s.call('thread/resume', { threadId });
      await s.turn(threadId, 'third', { effort: 'low' });
    },
    mask: hideEstimates,
  },
  {
    name: 'an interrupt during a stream, and the turn after it',
    talk: async (s) => {
      s.model.script(hang(created(), itemAdded(messageItem('m1', null)), textDelta('partial')), good('m2'));
      const threadId = await s.thread({ experimentalRawEvents: true });
      const turnId = await s.begin(threadId, 'go');
      await s.waitFor(({ method }) => method === 'item/agentMessage/delta', 'delta');
      await s.call('turn/interrupt', { threadId, turnId });
      await s.ended(threadId);
      await s.turn(threadId, 'on');
    },
  },
  {
    name: 'an interrupt during a command, and the turn after it',
    talk: async (s) => {
      s.model.script(stream(calls(shell('c1', ['bash', '-c', 'echo begun; sleep 30']))), good('m2'));
      const threadId = await s.thread();
      const turnId = await s.begin(threadId, 'go');
      await s.waitFor(({ method }) => method === 'item/commandExecution/outputDelta', 'output');
      await s.call('turn/interrupt', { threadId, turnId });
      await s.ended(threadId);
      await s.turn(threadId, 'on');
    },
    mask: dropRepeatedContexts(),
  },
  {
    name: 'an interrupt while an approval is open',
    setUp: { approvalPolicy: 'untrusted', sandboxMode: 'read-only' },
    talk: async (s) => {
      s.model.script(stream(calls(shell('c1', ['touch', 'x']))), good('m2'));
      const threadId = await s.thread();
      const turnId = await s.begin(threadId, 'go');
      await s.waitFor(({ method }) => method === 'item/commandExecution/requestApproval', 'approval');
      await s.call('turn/interrupt', { threadId, turnId });
      await s.ended(threadId);
      await s.turn(threadId, 'on');
    },
    mask: hideHowItEnded,
  },
  {
    name: 'input and settings that come during a turn',
    talk: async (s) => {
      const held = gate();
      s.model.script(
        stream(created(), message('m1', 'first'), held.wait, completed('r')),
        stream(says('second', 'm2')),
        stream(says('third', 'm3')),
      );
      const threadId = await s.thread();
      await s.begin(threadId, 'go');
      await held.reached;
      await s.begin(threadId, 'steered input', { approvalPolicy: 'on-request' });
      await s.begin(threadId, 'steered again');
      await s.quiet();
      held.open();
      await s.ended(threadId);
      await s.turn(threadId, 'on');
    },
  },
  {
    name: 'a thread read, listed and resumed in the same process and in the next',
    talk: async (s) => {
      s.model.script(stream(calls(shell('c1', ['echo', 'x']))), good('m1'), good('m2'), good('m3'));
      const threadId = await s.thread();
      await s.turn(threadId, 'first line\nsecond');
      await s.call('thread/read', { threadId });
      await s.call('thread/list', {});
      await s.call('thread/loaded/list', {});
      await s.stop();
      await s.start();
      await s.call('thread/list', { limit: 5, sourceKinds: [] });
      await s.call('thread/read', { threadId, includeTurns: true });
      await s.call('thread/resume', {
        threadId,
        model: 'gpt-5.1',
        approvalPolicy: 'on-request',
        developerInstructions: 'MARK-resumed',
      });
      await s.turn(threadId, 'second turn', { effort: 'low' });
      await s.turn(threadId, 'third turn');
    },
  },
];

type Mask = NonNullable<Conversation['mask']>;

const rewritten = (block: Parameters<Mask>[0], change: (key: string, value: Loose) => Loose): ReturnType<Mask> => {
  const text = JSON.stringify(block.value, (key, value) => change(key, value));
  return { ...block, value: text === undefined ? null : JSON.parse(text) };
};

/** Retry waits are random, and long sentences are worded anew. */
function hideSentences(block: Parameters<Mask>[0]): ReturnType<Mask> {
  return rewritten(block, (_key, value) =>
    typeof value === 'string' &&
    /^(unexpected status|stream disconnected|exceeded retry|You've|Reconnecting)/.test(value)
      ? value.replace(/https?:\S+|\d{2,}ms/g, '<x>')
      : value,
  );
}

/** After a compaction a server estimates the context from the length of its own prompts. */
function hideEstimates(block: Parameters<Mask>[0]): ReturnType<Mask> {
  return rewritten(block, (_key, value) => {
    if (typeof value === 'string' && /\nMARK-\S*summary$/.test(value)) return value.replace(/^[^\n]*/, '<prose>');
    if (value?.input_tokens === 0 && value.total_tokens > 0) return { ...value, total_tokens: '<estimate>' };
    if (value?.inputTokens === 0 && value.totalTokens > 0) return { ...value, totalTokens: '<estimate>' };
    return value;
  });
}

/** The end of a command that is asked about is told by whoever is faster, the refusal or the interrupt. */
function hideHowItEnded(block: Parameters<Mask>[0]): ReturnType<Mask> {
  const ENDED = /^(exec command rejected by user|Wall time: \S+ seconds\naborted by user)/;
  if (block.title.startsWith('turn_context')) return null;
  return rewritten(block, (_key, value) => (typeof value === 'string' && ENDED.test(value) ? '<ended>' : value));
}

/** An interrupted turn may or may not get to store its settings once more. */
function dropRepeatedContexts(): Mask {
  return (block) => (block.title.startsWith('turn_context') ? null : block);
}
