/** What a listener hears of an event, as lines of text: names, members and their order are all compared. */
import assert from 'node:assert/strict';
import type { EngineEvent } from '../../src/contract/engine-events.ts';
import { notificationsFor } from '../../src/events/notifications.ts';

export const THREAD = 'th';
export const TURN = 't1';

type Distribute<E> = E extends EngineEvent ? Omit<E, 'turnId'> : never;
export type Event = Distribute<EngineEvent>;

/** Each notification as one line of JSON; of the older events only name and message. */
export function told(
  event: Event,
  listener: 'v1' | 'v2' = 'v2',
  options: { raw?: boolean; rawReasoning?: boolean } = {},
): string[] {
  const { raw = true, rawReasoning = true } = options;
  const whole = { turnId: TURN, ...event } as EngineEvent;
  return notificationsFor(whole, { threadId: THREAD, raw, listener, rawReasoning }).map(({ method, params }) => {
    if (!method.startsWith('codex/event/')) return `${method} ${JSON.stringify(params)}`;
    const { id, msg, conversationId } = params as { id: string; msg: { type: string }; conversationId: string };
    assert.deepEqual(Object.keys(params), ['id', 'msg', 'conversationId']);
    assert.equal(id, whole.turnId);
    assert.equal(conversationId, THREAD);
    assert.equal(method, `codex/event/${msg.type}`);
    return `~${JSON.stringify(msg)}`;
  });
}

export const FRAME = '"thread_id":"th","turn_id":"t1"';
export const TAIL = '"threadId":"th","turnId":"t1"';
export const HEAD = '{"threadId":"th","turnId":"t1"';
