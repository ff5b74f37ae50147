/** Events that stream parts of an item, and those of agents that work together. */
import * as t from '../schema/types.ts';
import { ThreadId } from '../threads.ts';
import { AgentStatus } from './event-types.ts';

/** Carries the next piece of a message. */
export const AgentMessageContentDeltaEvent = t.struct('AgentMessageContentDeltaEvent', {
  thread_id: t.string,
  turn_id: t.string,
  item_id: t.string,
  delta: t.string,
});
export type AgentMessageContentDeltaEvent = t.Infer<typeof AgentMessageContentDeltaEvent>;

/** Carries the next piece of a proposed plan. */
export const PlanDeltaEvent = t.struct('PlanDeltaEvent', {
  thread_id: t.string,
  turn_id: t.string,
  item_id: t.string,
  delta: t.string,
});
export type PlanDeltaEvent = t.Infer<typeof PlanDeltaEvent>;

/** Carries the next piece of a reasoning summary. */
export const ReasoningContentDeltaEvent = t.struct('ReasoningContentDeltaEvent', {
  thread_id: t.string,
  turn_id: t.string,
  item_id: t.string,
  delta: t.string,
  summary_index: t.withDefault(t.int64, 0),
});
export type ReasoningContentDeltaEvent = t.Infer<typeof ReasoningContentDeltaEvent>;

/** Carries the next piece of the model's reasoning. */
export const ReasoningRawContentDeltaEvent = t.struct('ReasoningRawContentDeltaEvent', {
  thread_id: t.string,
  turn_id: t.string,
  item_id: t.string,
  delta: t.string,
  content_index: t.withDefault(t.int64, 0),
});
export type ReasoningRawContentDeltaEvent = t.Infer<typeof ReasoningRawContentDeltaEvent>;

/** Reports that an agent starts another one. */
export const CollabAgentSpawnBeginEvent = t.struct('CollabAgentSpawnBeginEvent', {
  call_id: t.string,
  sender_thread_id: ThreadId,
  prompt: t.string,
});
export type CollabAgentSpawnBeginEvent = t.Infer<typeof CollabAgentSpawnBeginEvent>;

/** Reports whether another agent was started. */
export const CollabAgentSpawnEndEvent = t.struct('CollabAgentSpawnEndEvent', {
  call_id: t.string,
  sender_thread_id: ThreadId,
  /** Null when the agent was not started. */
  new_thread_id: t.orNull(ThreadId),
  prompt: t.string,
  status: AgentStatus,
});
export type CollabAgentSpawnEndEvent = t.Infer<typeof CollabAgentSpawnEndEvent>;

/** Reports that an agent sends a prompt to another one. */
export const CollabAgentInteractionBeginEvent = t.struct('CollabAgentInteractionBeginEvent', {
  call_id: t.string,
  sender_thread_id: ThreadId,
  receiver_thread_id: ThreadId,
  prompt: t.string,
});
export type CollabAgentInteractionBeginEvent = t.Infer<typeof CollabAgentInteractionBeginEvent>;

/** Reports that the prompt was delivered. */
export const CollabAgentInteractionEndEvent = t.struct('CollabAgentInteractionEndEvent', {
  call_id: t.string,
  sender_thread_id: ThreadId,
  receiver_thread_id: ThreadId,
  prompt: t.string,
  status: AgentStatus,
});
export type CollabAgentInteractionEndEvent = t.Infer<typeof CollabAgentInteractionEndEvent>;

/** Reports that an agent waits for others. */
export const CollabWaitingBeginEvent = t.struct('CollabWaitingBeginEvent', {
  sender_thread_id: ThreadId,
  receiver_thread_ids: t.list(ThreadId),
  call_id: t.string,
});
export type CollabWaitingBeginEvent = t.Infer<typeof CollabWaitingBeginEvent>;

/** Reports that the wait is over. */
export const CollabWaitingEndEvent = t.struct('CollabWaitingEndEvent', {
  sender_thread_id: ThreadId,
  call_id: t.string,
  /** The state of each agent, by its thread id. */
  statuses: t.mapOf(AgentStatus),
});
export type CollabWaitingEndEvent = t.Infer<typeof CollabWaitingEndEvent>;

/** Reports that an agent closes another one. */
export const CollabCloseBeginEvent = t.struct('CollabCloseBeginEvent', {
  call_id: t.string,
  sender_thread_id: ThreadId,
  receiver_thread_id: ThreadId,
});
export type CollabCloseBeginEvent = t.Infer<typeof CollabCloseBeginEvent>;

/** Reports that an agent was closed. */
export const CollabCloseEndEvent = t.struct('CollabCloseEndEvent', {
  call_id: t.string,
  sender_thread_id: ThreadId,
  receiver_thread_id: ThreadId,
  /** The state before the end. */
  status: AgentStatus,
});
export type CollabCloseEndEvent = t.Infer<typeof CollabCloseEndEvent>;
