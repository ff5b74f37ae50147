/** The user's own program, told of every completed turn; nobody waits for it. */
import { spawn } from 'node:child_process';
import type { Session } from './session.ts';
import type { TurnState } from './turn-state.ts';

export function notifyHook(session: Session, turn: TurnState): void {
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
  try {
    const child = spawn(program, [...args, JSON.stringify(payload)], {
      cwd: session.services.processCwd,
      env: session.services.env,
      detached: true,
      stdio: 'ignore',
    });
    child.on('error', (error) => failed(session, error));
    child.unref();
  } catch (error) {
    failed(session, error); // some faults are thrown: a history too long for one argument, for one
  }
}

const failed = (session: Session, error: unknown): void =>
  session.services.log.warn('engine', 'the notify program could not be started', { error });
