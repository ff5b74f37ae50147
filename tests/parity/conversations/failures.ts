/** An upstream that fails: statuses, broken streams, retries, limits. */
import {
  calls,
  completed,
  created,
  failed,
  incomplete,
  itemAdded,
  message,
  messageItem,
  says,
  shell,
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
import { rewritten } from '../support/masks.ts';
import type { Block } from '../support/normal.ts';
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
      status(413, error('request_too_large')),
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
      stream(created(), failed('insufficient_quota')),
      stream(created(), failed('rate_limit_exceeded', 'Please try again in 1ms.')),
      stream(created(), failed('invalid_prompt', 'bad prompt')),
      stream(created(), failed('whatever', 'a text')),
      stream(created(), failed('server_is_overloaded')),
      stream(created(), failed('x'), message('m0', 'fine'), completed()),
      stream(created(), incomplete('max_output_tokens')),
      stream(),
      rawStream('data: [DONE]\n\n'),
      json({ not: 'a stream' }),
    ),
    mask: hideSentences,
  },
  {
    // What follows differs: the next turn of ours begins with a compaction.
    name: 'a conversation that no longer fits',
    talk: async (s) => {
      s.model.script(stream(created(), failed('context_length_exceeded')));
      await s.turn(await s.thread(), 'go');
    },
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
];

const UPSTREAM = /^(unexpected status|stream disconnected|exceeded retry|You've|Reconnecting)/;

/** Addresses and retry waits differ. */
function hideSentences(block: Block): Block {
  return rewritten(block, (value) =>
    typeof value === 'string' && UPSTREAM.test(value) ? value.replace(/https?:\S+|\d{2,}ms/g, '<x>') : value,
  );
}
