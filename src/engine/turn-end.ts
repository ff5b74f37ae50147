/** Runs a turn's body and ends the turn, whatever became of it: exactly one `turnEnded`, after everything else. */
import { spawn } from 'node:child_process';
import { messageOf } from '../base/errors.ts';
import type { TurnError } from '../protocol/turns.ts';
import { TurnFailure } from './failures.ts';
import { textMessage } from './messages.ts';
import { ABORT_MARKER } from './prompts/compaction.ts';
import type { Session } from './session.ts';
import { converse, recordParked } from './turn.ts';
import type { TurnState } from './turn-state.ts';

export type TurnBody = () => Promise<void>;

/** `onEnded` runs just before the turn's last event: input that comes after it starts a turn of its own. */
export async function endTurn(session: Session, turn: TurnState, body: TurnBody, onEnded: () => void): Promise<void> {
  try {
    await body();
    // Only a turn that was no conversation can leave input waiting here.
    if (session.hasParked) await converse(session, turn);
    turn.signal.throwIfAborted();
    await complete(session, turn, onEnded);
  } catch (error) {
    try {
      if (turn.signal.aborted) await abort(session, turn, onEnded);
      else await fail(session, turn, turnErrorOf(session, error), onEnded);
    } catch (second) {
      // The file cannot be written, say. The turn still ends for the client, and the thread goes on.
      session.services.log.error('engine', 'a turn could not be ended in order', {
        threadId: session.threadId,
        error: second,
      });
      lastResort(session, turn, turnErrorOf(session, second), onEnded);
    }
  }
}

async function complete(session: Session, turn: TurnState, onEnded: () => void): Promise<void> {
  session.recorder.turnEnded(turn.id, 'completed', null);
  onEnded();
  const lastAgentMessage = turn.lastAgentMessage;
  session.recorder.event({ kind: 'turnEnded', turnId: turn.id, status: 'completed', error: null, lastAgentMessage });
  notifyHook(session, turn);
  answerInterrupts(session);
}

async function fail(session: Session, turn: TurnState, error: TurnError, onEnded: () => void): Promise<void> {
  session.recorder.closeOpenItems();
  await recordParked(session, turn);
  session.recorder.event({ kind: 'error', turnId: turn.id, error, willRetry: false });
  session.recorder.turnEnded(turn.id, 'failed', error);
  onEnded();
  session.recorder.event({ kind: 'turnEnded', turnId: turn.id, status: 'failed', error, lastAgentMessage: null });
  answerInterrupts(session);
}

async function abort(session: Session, turn: TurnState, onEnded: () => void): Promise<void> {
  session.recorder.closeOpenItems();
  const marker = textMessage('user', ABORT_MARKER);
  session.history.record([marker], turn.settings.profile.truncation);
  session.recorder.silent([marker]);
  await recordParked(session, turn);
  session.recorder.event({ kind: 'turnAborted', turnId: turn.id, reason: 'interrupted' });
  session.recorder.turnEnded(turn.id, 'interrupted', null);
  onEnded();
  answerInterrupts(session);
  const ended = { kind: 'turnEnded', status: 'interrupted', error: null, lastAgentMessage: null } as const;
  session.recorder.event({ ...ended, turnId: turn.id });
}

function lastResort(session: Session, turn: TurnState, error: TurnError, onEnded: () => void): void {
  onEnded();
  answerInterrupts(session);
  session.recorder.unstored({ kind: 'error', turnId: turn.id, error, willRetry: false });
  session.recorder.unstored({ kind: 'turnEnded', turnId: turn.id, status: 'failed', error, lastAgentMessage: null });
}

function answerInterrupts(session: Session): void {
  for (const callId of session.takeInterrupts()) session.reply(callId, { kind: 'ok' });
}

function turnErrorOf(session: Session, error: unknown): TurnError {
  if (error instanceof TurnFailure) return error.turnError;
  session.services.log.error('engine', 'a turn failed', { threadId: session.threadId, error });
  return { message: messageOf(error), codexErrorInfo: 'other', additionalDetails: null };
}

/** The user's own program, told of every completed turn; nobody waits for it. */
function notifyHook(session: Session, turn: TurnState): void {
  const [program, ...args] = session.config.notify ?? [];
  if (program === undefined) return;
  const payload = {
    type: 'agent-turn-complete',
    'thread-id': session.threadId,
    'turn-id': turn.id,
    cwd: turn.settings.cwd,
    'input-messages': session.history.userTexts(),
    'last-assistant-message': turn.lastAgentMessage,
  };
  const child = spawn(program, [...args, JSON.stringify(payload)], {
    cwd: session.services.processCwd,
    env: session.services.env,
    detached: true,
    stdio: 'ignore',
  });
  child.on('error', (error) =>
    session.services.log.warn('engine', 'the notify program could not be started', { error }),
  );
  child.unref();
}
