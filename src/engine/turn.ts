/**
 * One regular turn: sample the model, run the tools it calls, repeat until it has nothing more to do.
 *
 * In: what the user sent. Out: events and history, through the session's recorder. It ends by returning (completed) or
 * by throwing: `TurnFailure` (failed) or the reason of the turn's signal (interrupted).
 */
import { readFile } from 'node:fs/promises';
import type { UserInput } from '../protocol/items.ts';
import { mentionedSkills } from '../skills/mentions.ts';
import { compactIfFull } from './compact.ts';
import { changeMessages, skillMessage } from './messages.ts';
import { sample } from './sampling.ts';
import type { Session } from './session.ts';
import type { TurnState } from './turn-state.ts';
import { typedText, userMessageOf } from './user-input.ts';

export async function runTurn(session: Session, turn: TurnState, input: readonly UserInput[]): Promise<void> {
  const { profile, collaborationMode } = turn.settings;
  session.recorder.event({
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
    const wantsMore = await sample(session, turn);
    if (!wantsMore && !session.hasParked) return;
    await compactIfFull(session, turn);
  }
}

/** Changed settings, then the user's message, then the skills it names. */
export async function openTurn(session: Session, turn: TurnState, input: readonly UserInput[]): Promise<void> {
  recordSettings(session, turn);
  session.recorder.turnBegan(turn.id);
  if (input.length === 0) return;
  await recordUserInput(session, turn, input);
  await recordSkills(session, turn, input);
}

/** What the model must be told because settings differ from those of the turn before. */
export function recordSettings(session: Session, turn: TurnState): void {
  const prefixes = session.policy.allowedPrefixes();
  const items = [
    ...session.takeDeferredContext(turn.settings),
    ...changeMessages(session.lastTurnSettings, turn.settings, session.services.shell.kind, prefixes),
  ];
  session.lastTurnSettings = turn.settings;
  session.recorder.items(turn.id, items, turn.settings.profile.truncation);
}

export async function recordUserInput(session: Session, turn: TurnState, input: readonly UserInput[]): Promise<void> {
  const { images, processCwd, newId } = session.services;
  const item = await userMessageOf(input, images, processCwd);
  session.recorder.items(turn.id, [item], turn.settings.profile.truncation);
  const shown = { type: 'userMessage' as const, id: newId(), content: input };
  session.recorder.event({ kind: 'itemStarted', turnId: turn.id, item: shown });
  session.recorder.event({ kind: 'itemCompleted', turnId: turn.id, item: shown });
}

/** Input that came while the turn was running enters the context between two requests. */
export async function recordParked(session: Session, turn: TurnState): Promise<void> {
  for (let input = session.takeParked(); input !== undefined; input = session.takeParked()) {
    await recordUserInput(session, turn, input);
    await recordSkills(session, turn, input);
  }
}

async function recordSkills(session: Session, turn: TurnState, input: readonly UserInput[]): Promise<void> {
  for (const skill of mentionedSkills(typedText(input), session.skills)) {
    try {
      const item = skillMessage(skill.name, skill.path, await readFile(skill.path, 'utf8'));
      session.recorder.items(turn.id, [item], turn.settings.profile.truncation);
    } catch (error) {
      session.services.log.warn('engine', 'a skill could not be read', { path: skill.path, error });
      session.recorder.event({
        kind: 'warning',
        turnId: turn.id,
        message: `Failed to load skill ${skill.name} at ${skill.path}`,
      });
    }
  }
}
