/**
 * A turn from its first event to its last: sample the model, run the tools it calls, repeat until it has nothing more to
 * do.
 *
 * In: what the user sent. Out: events and history, through the session's recorder. A turn's body returns (completed) or
 * throws: `TurnFailure` (failed), or the reason of the turn's signal (interrupted). `endTurn` makes exactly one end of it.
 */
import { dirname } from 'node:path';
import { readBounded } from '../base/bounded-open.ts';
import { failureText, osErrorText } from '../base/os-error.ts';
import type { TurnError } from '../protocol/turns.ts';
import { mentionedSkills } from '../skills/mentions.ts';
import { SKILL_LIMIT_BYTES } from '../skills/walk.ts';
import { compactIfFull } from './compact.ts';
import { TurnFailure } from './failures.ts';
import { changeMessages, skillMessage, textMessage } from './messages.ts';
import { notifyHook } from './notify-hook.ts';
import { ABORT_MARKER } from './prompts/compaction.ts';
import { sample } from './sampling.ts';
import type { Session } from './session.ts';
import type { TurnState } from './turn-state.ts';
import { type GivenInput, typedText, userMessageOf } from './user-input.ts';

export async function runTurn(session: Session, turn: TurnState, input: GivenInput): Promise<void> {
  const { profile, collaborationMode } = turn.settings;
  recordSettings(session, turn);
  // Without input there is nothing to ask the model; that settings changed is noted all the same.
  if (input.content.length === 0) {
    session.recorder.turnBegan(turn.id, 'nothing');
    return;
  }
  session.recorder.storeAndEmit({
    kind: 'turnStarted',
    turnId: turn.id,
    contextWindow: profile.reportedContextWindow,
    mode: collaborationMode.mode,
  });
  try {
    await compactIfFull(session, turn);
  } finally {
    // Whatever became of the compaction, what the user typed must not be lost.
    await openTurn(session, turn, input);
  }
  await converse(session, turn);
}

/** Samples until the model asks for nothing more and no input waits. */
export async function converse(session: Session, turn: TurnState): Promise<void> {
  for (;;) {
    await recordParked(session, turn);
    session.recorder.requireStorage();
    const wantsMore = await sample(session, turn);
    if (!wantsMore && !session.hasParked) return;
    await compactIfFull(session, turn);
  }
}

/** The user's message, then the skills it names. */
async function openTurn(session: Session, turn: TurnState, input: GivenInput): Promise<void> {
  session.recorder.turnBegan(turn.id, 'message');
  await recordUserInput(session, turn, input);
  await recordSkills(session, turn, input);
}

/** What the model must be told because settings differ from those of the turn before. */
function recordSettings(session: Session, turn: TurnState): void {
  const prefixes = session.policy.allowedPrefixes();
  const items = [
    ...session.takeDeferredContext(turn.settings),
    ...changeMessages(session.lastTurnSettings, turn.settings, session.services.shell.kind, prefixes),
  ];
  session.lastTurnSettings = turn.settings;
  session.recorder.addToHistory(turn.id, items, turn.settings.profile.truncation);
}

async function recordUserInput(session: Session, turn: TurnState, input: GivenInput): Promise<void> {
  const { images, processCwd } = session.services;
  const item = await userMessageOf(input.content, images, processCwd);
  session.recorder.addToHistory(turn.id, [item], turn.settings.profile.truncation);
  const shown = { type: 'userMessage' as const, id: input.itemId, content: input.content };
  session.recorder.storeAndEmit({ kind: 'itemStarted', turnId: turn.id, item: shown });
  session.recorder.storeAndEmit({ kind: 'itemCompleted', turnId: turn.id, item: shown });
}

/** Input that came while the turn was running enters the context between two requests. */
export async function recordParked(session: Session, turn: TurnState): Promise<void> {
  for (let input = session.takeParked(); input !== undefined; input = session.takeParked()) {
    await recordUserInput(session, turn, input);
    await recordSkills(session, turn, input);
  }
}

async function recordSkills(session: Session, turn: TurnState, input: GivenInput): Promise<void> {
  for (const skill of mentionedSkills(typedText(input.content), session.skills)) {
    try {
      // A skill is listed by a path without links; one that has become a link since is another file.
      const bounds = { within: dirname(skill.path), stateFolders: session.config.stateFolders };
      const bytes = await readBounded(skill.path, SKILL_LIMIT_BYTES, bounds);
      const item = skillMessage(skill.name, skill.path, bytes.toString('utf8'));
      session.recorder.addToHistory(turn.id, [item], turn.settings.profile.truncation);
    } catch (error) {
      session.services.log.warn('engine', 'a skill could not be read', { path: skill.path, error });
      session.recorder.storeAndEmit({
        kind: 'warning',
        turnId: turn.id,
        message: `Failed to load skill ${skill.name} at ${skill.path}: ${osErrorText(error)}`,
      });
    }
  }
}

export type TurnBody = () => Promise<void>;

/** `onEnded` runs just before the turn's last event: input that comes after it starts a turn of its own. */
export async function endTurn(session: Session, turn: TurnState, body: TurnBody, onEnded: () => void): Promise<void> {
  session.recorder.retry();
  try {
    await body();
    // Only a turn that was no conversation can leave input waiting here.
    if (session.hasParked) await converse(session, turn);
    turn.signal.throwIfAborted();
    session.recorder.requireStorage();
    await complete(session, turn, onEnded);
  } catch (error) {
    try {
      if (turn.signal.aborted) await abort(session, turn, onEnded);
      else await fail(session, turn, turnErrorOf(session, error), onEnded);
    } catch (second) {
      // A bug: the turn still ends for the client, and the thread goes on.
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
  session.recorder.storeAndEmit({
    kind: 'turnEnded',
    turnId: turn.id,
    status: 'completed',
    error: null,
    lastAgentMessage,
  });
  notifyHook(session, turn);
  answerInterrupts(session);
}

async function fail(session: Session, turn: TurnState, error: TurnError, onEnded: () => void): Promise<void> {
  session.recorder.closeOpenItems();
  await recordParked(session, turn);
  session.recorder.storeAndEmit({ kind: 'error', turnId: turn.id, error, willRetry: false });
  session.recorder.turnEnded(turn.id, 'failed', error);
  onEnded();
  session.recorder.storeAndEmit({
    kind: 'turnEnded',
    turnId: turn.id,
    status: 'failed',
    error,
    lastAgentMessage: null,
  });
  answerInterrupts(session);
}

async function abort(session: Session, turn: TurnState, onEnded: () => void): Promise<void> {
  session.recorder.closeOpenItems();
  session.recorder.addToHistoryUnseen([textMessage('user', ABORT_MARKER)], turn.settings.profile.truncation);
  await recordParked(session, turn);
  session.recorder.storeAndEmit({ kind: 'turnAborted', turnId: turn.id, reason: 'interrupted' });
  session.recorder.turnEnded(turn.id, 'interrupted', null);
  onEnded();
  answerInterrupts(session);
  const ended = { kind: 'turnEnded', status: 'interrupted', error: null, lastAgentMessage: null } as const;
  session.recorder.storeAndEmit({ ...ended, turnId: turn.id });
}

function lastResort(session: Session, turn: TurnState, error: TurnError, onEnded: () => void): void {
  onEnded();
  answerInterrupts(session);
  session.recorder.storeAndEmit({ kind: 'error', turnId: turn.id, error, willRetry: false });
  session.recorder.storeAndEmit({
    kind: 'turnEnded',
    turnId: turn.id,
    status: 'failed',
    error,
    lastAgentMessage: null,
  });
}

function answerInterrupts(session: Session): void {
  for (const callId of session.takeInterrupts()) session.reply(callId, { kind: 'ok' });
}

function turnErrorOf(session: Session, error: unknown): TurnError {
  if (error instanceof TurnFailure) return error.turnError;
  session.services.log.error('engine', 'a turn failed', { threadId: session.threadId, error });
  return { message: failureText(error), codexErrorInfo: 'other', additionalDetails: null };
}
