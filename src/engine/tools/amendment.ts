/** An answer that extends the rules: kept in the rules file, in force at once, and told to the model. */
import { messageOf } from '../../base/errors.ts';
import { appendAllowRule } from '../../execpolicy/amend.ts';
import { textMessage } from '../messages.ts';
import type { Session } from '../session.ts';
import type { TurnState } from '../turn-state.ts';

export async function saveAmendment(session: Session, turn: TurnState, prefix: readonly string[]): Promise<void> {
  try {
    await appendAllowRule(session.services.codexHome, prefix);
  } catch (error) {
    const message = `Failed to apply execpolicy amendment: ${messageOf(error)}`;
    session.recorder.event({ kind: 'warning', turnId: turn.id, message });
    return;
  }
  session.policy = session.policy.allowing(prefix);
  const words = `[${prefix.map((word) => JSON.stringify(word)).join(', ')}]`;
  const item = textMessage('developer', `Approved command prefix saved:\n- ${words}`);
  session.recorder.items(turn.id, [item], turn.settings.profile.truncation);
}
