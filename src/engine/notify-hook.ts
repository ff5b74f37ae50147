/** The user's own program, told of every completed turn; nobody waits for it. */
import { isAbsolute } from 'node:path';
import { startProgram } from '../base/own-programs.ts';
import { findProgram, isPath, temporaryFolders } from '../base/program-places.ts';
import type { EffectiveConfig } from '../contract/effective-config.ts';
import type { TurnSettings } from '../contract/turn-settings.ts';
import { writableRoots } from '../exec/writable-roots.ts';
import type { History } from './history.ts';
import type { EngineServices } from './services.ts';
import type { TurnState } from './turn-state.ts';

export interface NotifyDeps {
  readonly threadId: string;
  readonly config: Pick<EffectiveConfig, 'notify'>;
  readonly history: Pick<History, 'userTexts'>;
  readonly services: Pick<EngineServices, 'env' | 'processCwd' | 'log'>;
}

export function notifyHook({ threadId, config, history, services }: NotifyDeps, turn: TurnState): void {
  const [program, ...args] = config.notify ?? [];
  if (program === undefined) return;
  const payload = {
    type: 'agent-turn-complete',
    'thread-id': threadId,
    'turn-id': turn.id,
    cwd: turn.settings.cwd,
    'input-messages': history.userTexts(),
    'last-assistant-message': turn.lastAgentMessage,
  };
  const failed = (error: unknown): void =>
    services.log.warn('engine', 'the notify program could not be started', { error });
  const path = placeOf(program, services, turn.settings);
  if (path === undefined) {
    services.log.warn('engine', 'the notify program is in no folder of PATH that commands cannot write to', {
      program,
    });
    return;
  }
  try {
    const child = startProgram(path, [...args, JSON.stringify(payload)], {
      cwd: services.processCwd,
      env: services.env,
      detached: true,
      stdio: 'ignore',
    });
    child.on('error', (error) => failed(error));
    child.unref();
  } catch (error) {
    failed(error); // some faults are thrown: a history too long for one argument, for one
  }
}

/** As it is named, or found by its name. A relative path would lead into whatever folder the server was started in. */
function placeOf(
  program: string,
  { env, processCwd }: NotifyDeps['services'],
  settings: TurnSettings,
): string | undefined {
  if (isAbsolute(program)) return program;
  const roots = writableRoots(settings.sandboxPolicy, settings.cwd, env);
  const avoid = [settings.cwd, processCwd, ...roots, ...temporaryFolders(env)];
  return isPath(program) ? undefined : findProgram(program, { path: env.PATH, avoid });
}
