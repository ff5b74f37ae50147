/** Events that stream parts of an item, and those of agents that work together. */
import * as t from '../schema/types.ts';
import { ThreadId } from '../threads.ts';
import { AgentStatus } from './event-types.ts';

export const AgentMessageContentDeltaEvent = t.struct('AgentMessageContentDeltaEvent', {
  thread_id: t.string,
  turn_id: t.string,
  item_id: t.string,
  delta: t.string,
});
export type AgentMessageContentDeltaEvent = t.Infer<typeof AgentMessageContentDeltaEvent>;

export const PlanDeltaEvent = t.struct('PlanDeltaEvent', {
  thread_id: t.string,
  turn_id: t.string,
  item_id: t.string,
  delta: t.string,
});
export type PlanDeltaEvent = t.Infer<typeof PlanDeltaEvent>;

export const ReasoningContentDeltaEvent = t.struct('ReasoningContentDeltaEvent', {
  thread_id: t.string,
  turn_id: t.string,
  item_id: t.string,
  delta: t.string,
  summary_index: t.withDefault(t.int64, 0),
});
export type ReasoningContentDeltaEvent = t.Infer<typeof ReasoningContentDeltaEvent>;

export const ReasoningRawContentDeltaEvent = t.struct('ReasoningRawContentDeltaEvent', {
  thread_id: t.string,
  turn_id: t.string,
  item_id: t.string,
  delta: t.string,
  content_index: t.withDefault(t.int64, 0),
});
export type ReasoningRawContentDeltaEvent = t.Infer<typeof ReasoningRawContentDeltaEvent>;

export const CollabAgentSpawnBeginEvent = t.struct('CollabAgentSpawnBeginEvent', {
  call_id: t.string,
  sender_thread_id: ThreadId,
  prompt: t.string,
});
export type CollabAgentSpawnBeginEvent = t.Infer<typeof CollabAgentSpawnBeginEvent>;

export const CollabAgentSpawnEndEvent = t.struct('CollabAgentSpawnEndEvent', {
  call_id: t.string,
  sender_thread_id: ThreadId,
  new_thread_id: t.orNull(ThreadId),
  prompt: t.string,
  status: AgentStatus,
});
export type CollabAgentSpawnEndEvent = t.Infer<typeof CollabAgentSpawnEndEvent>;

export const CollabAgentInteractionBeginEvent = t.struct('CollabAgentInteractionBeginEvent', {
  call_id: t.string,
  sender_thread_id: ThreadId,
  receiver_thread_id: ThreadId,
  prompt: t.string,
});
export type CollabAgentInteractionBeginEvent = t.Infer<typeof CollabAgentInteractionBeginEvent>;

export const CollabAgentInteractionEndEvent = t.struct('CollabAgentInteractionEndEvent', {
  call_id: t.string,
  sender_thread_id: ThreadId,
  receiver_thread_id: ThreadId,
  prompt: t.string,
  status: AgentStatus,
});
export type CollabAgentInteractionEndEvent = t.Infer<typeof CollabAgentInteractionEndEvent>;

export const CollabWaitingBeginEvent = t.struct('CollabWaitingBeginEvent', {
  sender_thread_id: ThreadId,
  receiver_thread_ids: t.list(ThreadId),
  call_id: t.string,
});
export type CollabWaitingBeginEvent = t.Infer<typeof CollabWaitingBeginEvent>;

export const CollabWaitingEndEvent = t.struct('CollabWaitingEndEvent', {
  sender_thread_id: ThreadId,
  call_id: t.string,
  statuses: t.mapOf(AgentStatus),
});
export type CollabWaitingEndEvent = t.Infer<typeof CollabWaitingEndEvent>;

export const CollabCloseBeginEvent = t.struct('CollabCloseBeginEvent', {
  call_id: t.string,
  sender_thread_id: ThreadId,
  receiver_thread_id: ThreadId,
});
export type CollabCloseBeginEvent = t.Infer<typeof CollabCloseBeginEvent>;

export const CollabCloseEndEvent = t.struct('CollabCloseEndEvent', {
  call_id: t.string,
  sender_thread_id: ThreadId,
  receiver_thread_id: ThreadId,
  status: AgentStatus,
});
export type CollabCloseEndEvent = t.Infer<typeof CollabCloseEndEvent>;
