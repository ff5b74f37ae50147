/** Why a thread of this process failed, in words. In: what its worker was ended by. Out: a text for clients. No state. */
import { messageOf } from '../base/errors.ts';
import { osErrorText, systemErrorText } from '../base/os-error.ts';

/** Node's own words for a thread that the system did not let start; the name of the failure follows. */
const NOT_STARTED = /^Worker initialization failure: (E[A-Z0-9]+)$/;
const OUT_OF_MEMORY = 'ERR_WORKER_OUT_OF_MEMORY';

export function threadFailureText(error: unknown): string {
  const system = systemErrorText(error);
  if (system !== null) return system;
  if (error instanceof Error && 'code' in error && error.code === OUT_OF_MEMORY) return 'its memory limit was reached';
  const name = NOT_STARTED.exec(messageOf(error))?.[1];
  return name === undefined ? messageOf(error) : `a thread could not be started: ${osErrorText(systemError(name))}`;
}

/** An error as Node makes it for a failure of the system. */
function systemError(code: string): Error {
  return Object.assign(new Error(code), { code, errno: 0 });
}
