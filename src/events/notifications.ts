/**
 * What a client is told of an engine event.
 *
 * In: one event and who listens. Out: notifications in the order of the wire: the event under its older name, what it
 * means in the second protocol, then the messages that the older protocol derives from it. Pure; requests to the client
 * (approvals, questions) are made elsewhere.
 */
import type { EngineEvent } from '../contract/engine-events.ts';
import type { Notice } from '../protocol/outbound.ts';
import { toLegacy } from './to-legacy.ts';
import { toV2 } from './to-v2.ts';

export interface Listener {
  readonly threadId: string;
  /** Whether history items are shown as they are. */
  readonly raw: boolean;
  /** Which protocol the listener was attached with; the older one is told less. */
  readonly listener: 'v1' | 'v2';
  /** `show_raw_agent_reasoning` of the thread. */
  readonly rawReasoning?: boolean;
  /** false when nobody wants events under their older names: they are not even built then. */
  readonly older?: boolean;
}

const NOT_FOR_V1 = new Set([
  'turn/diff/updated',
  'turn/plan/updated',
  'rawResponseItem/completed',
  'thread/name/updated',
]);

export function notificationsFor(event: EngineEvent, listener: Listener): Notice[] {
  if (event.kind === 'rawItem' && !listener.raw) return [];
  const { threadId } = listener;
  const legacy = listener.older === false ? [] : toLegacy(event, threadId, listener);
  const v2 = toV2(event, threadId);
  const shown = v2.filter(({ method }) => listener.listener === 'v2' || !NOT_FOR_V1.has(method));
  // An error in place of a decision is told before what became of the command. Observed on codex app-server 0.94.0.
  if (event.kind === 'commandEnded' && event.status === 'unanswered') return [...shown, ...legacy];
  return [...legacy.slice(0, 1), ...shown, ...legacy.slice(1)];
}
