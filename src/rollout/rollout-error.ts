/** Why a file is no thread that can be read. */
import { AppError } from '../base/errors.ts';

export type RolloutFault = 'empty' | 'no-session-meta' | 'no-base';

/** `message` is the cause as clients know it. */
export class RolloutError extends AppError {
  constructor(fault: RolloutFault, message: string) {
    super(`rollout-${fault}`, message);
  }
}
