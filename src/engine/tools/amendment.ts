/** An answer that extends the rules: kept in the rules file, in force at once, and told to the model. */
import { messageOf } from '../../base/errors.ts';
import { appendAllowRule } from '../../execpolicy/amend.ts';
import { fitsCommand, type JudgementOptions } from '../command-judgement.ts';
import { textMessage } from '../messages.ts';
import type { ToolContext } from './tool.ts';

/** The words that the client sends, what it was offered, and the command that it was asked about. */
export interface SentAmendment {
  readonly prefix: readonly string[];
  /** null: no rule was offered. */
  readonly offered: readonly string[] | null;
  readonly command: JudgementOptions;
}

/** What does not fit the command is not kept: its words were shown, others were not. */
export async function saveAmendment(
  { grants, recorder, services, turn }: ToolContext,
  sent: SentAmendment,
): Promise<void> {
  const { prefix, offered, command } = sent;
  try {
    if (offered === null) throw new Error('no rule was offered for this command');
    const isOffered = JSON.stringify(prefix) === JSON.stringify(offered);
    if (prefix.length > 0 && !isOffered && !fitsCommand(prefix, command))
      throw new Error('it does not fit the command');
    await appendAllowRule(services.codexHome, prefix);
  } catch (error) {
    const message = `Failed to apply execpolicy amendment: ${messageOf(error)}`;
    recorder.storeAndEmit({ kind: 'warning', turnId: turn.id, message });
    return;
  }
  grants.allowPrefix(prefix);
  const words = `[${prefix.map((word) => JSON.stringify(word)).join(', ')}]`;
  const item = textMessage('developer', `Approved command prefix saved:\n- ${words}`);
  recorder.addToHistory(turn.id, [item], turn.settings.profile.truncation);
}
