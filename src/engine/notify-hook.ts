/** The user's own program, told of every completed turn; nobody waits for it. */
import { isAbsolute } from 'node:path';
import { startProgram } from '../base/own-programs.ts';
import { findProgram, temporaryFolders } from '../base/program-places.ts';
import { writableRoots } from '../exec/writable-roots.ts';
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
  const path = placeOf(program, session, turn);
  if (path === undefined) {
    session.services.log.warn('engine', 'the notify program is in no folder of PATH that commands cannot write to', {
      program,
    });
    return;
  }
  try {
    const child = startProgram(path, [...args, JSON.stringify(payload)], {
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

/** As it is named, or found by its name. A relative path would lead into whatever folder the server was started in. */
function placeOf(program: string, { services }: Session, { settings }: TurnState): string | undefined {
  if (isAbsolute(program)) return program;
  const roots = writableRoots(settings.sandboxPolicy, settings.cwd, services.env);
  const avoid = [settings.cwd, services.processCwd, ...roots, ...temporaryFolders(services.env)];
  return program.includes('/') ? undefined : findProgram(program, { path: services.env.PATH, avoid });
}

const failed = (session: Session, error: unknown): void =>
  session.services.log.warn('engine', 'the notify program could not be started', { error });
