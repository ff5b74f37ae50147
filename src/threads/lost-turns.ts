/** How turns end whose shard has died. In: the commands that waited, the turn. Out: the events that end it. No state. */
import type { EngineEvent } from '../contract/engine-events.ts';
import type { Waiting } from './commands.ts';

export const DIED = 'the worker that ran this thread stopped unexpectedly';

/** Whether this command was to end what the thread runs. */
export const isInterruptOfRunningTurn = ({ command, thread: { runningTurnId } }: Waiting): boolean =>
  command.kind === 'interrupt' &&
  runningTurnId !== null &&
  (command.turnId === null || command.turnId === runningTurnId);

export function failedTurn(turnId: string): readonly EngineEvent[] {
  const error = { message: DIED, codexErrorInfo: 'other' as const, additionalDetails: null };
  return [
    { kind: 'error', turnId, error, willRetry: false },
    { kind: 'turnEnded', turnId, status: 'failed', error, lastAgentMessage: null },
  ];
}

export const interruptedTurn = (turnId: string): readonly EngineEvent[] => [
  { kind: 'turnAborted', turnId, reason: 'interrupted' },
  { kind: 'turnEnded', turnId, status: 'interrupted', error: null, lastAgentMessage: null },
];
