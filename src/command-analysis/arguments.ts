/** The arguments of a program, and what they allow it to do. */
import type { Becomes } from './words.ts';

/**
 * `anywhere`: the command changes nothing and starts no other program. `confined`: the same if it can only read, because it may start
 * programs that its folder names. `unknown`: it needs approval.
 */
export type Safety = 'anywhere' | 'confined' | 'unknown';

export interface CommandArgument {
  readonly text: string;
  readonly becomes: Becomes;
}

/** Judges the arguments of one program. */
export type Reader = (args: readonly CommandArgument[]) => Safety;

/** Whether a word cannot expand to options. */
export const isSettled = ({ becomes }: CommandArgument): boolean => becomes !== 'anything';

export const isOption = ({ text }: CommandArgument): boolean => text.startsWith('-') && text !== '-';

/** The words before the `--` that ends the options; a `--` after an option may be its value. */
export function beforeEnd(args: readonly CommandArgument[]): readonly CommandArgument[] {
  const end = args.findIndex(({ text }, at) => text === '--' && args[at - 1]?.text.startsWith('-') !== true);
  return end === -1 ? args : args.slice(0, end);
}
