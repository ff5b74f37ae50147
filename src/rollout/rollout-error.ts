import { AppError } from '../base/errors.ts';

/** Why a file is no thread that can be read. `message` is the cause as clients know it. */
export class RolloutError extends AppError {
  constructor(message: string) {
    super('rollout-unreadable', message);
  }
}
