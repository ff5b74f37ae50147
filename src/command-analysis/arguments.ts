/** What a program is given, as far as the words of a command tell, and what that lets it do. */
import type { Becomes } from './words.ts';

/**
 * `anywhere`: the command changes nothing and starts nothing but itself. `confined`: so it is where it can only read, for
 * it starts what the folder that it works on names. `unknown`: it has to be asked about.
 */
export type Safety = 'anywhere' | 'confined' | 'unknown';

export interface CommandArgument {
  readonly text: string;
  readonly becomes: Becomes;
}

/** Judges the arguments of one program. */
export type Reader = (args: readonly CommandArgument[]) => Safety;

/** Whether a word cannot turn into options that it does not show. */
export const isSettled = ({ becomes }: CommandArgument): boolean => becomes !== 'anything';

export const isOption = ({ text }: CommandArgument): boolean => text.startsWith('-') && text !== '-';

/** What stands before the `--` that ends the options; one behind an option may be its value, and ends nothing. */
export function beforeEnd(args: readonly CommandArgument[]): readonly CommandArgument[] {
  const end = args.findIndex(({ text }, at) => text === '--' && args[at - 1]?.text.startsWith('-') !== true);
  return end === -1 ? args : args.slice(0, end);
}
