/** Where a thread's file is, and the error for folders that cannot be searched. */
import { AppError } from '../base/errors.ts';
import { failureText } from '../base/os-error.ts';
import { findRollout } from '../rollout/find.ts';

/** The path of the thread's file below `root`; null when there is none. `id` is lower-case and hyphenated. Throws AppError. */
export async function locate(root: string, id: string): Promise<string | null> {
  try {
    return await findRollout(root, id);
  } catch (error) {
    throw new AppError('invalid-state', `failed to locate thread id ${id}: ${failureText(error)}`, { cause: error });
  }
}
