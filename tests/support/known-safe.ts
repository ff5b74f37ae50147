import { safetyOf } from '../../src/command-analysis/safety.ts';

/** Whether a command is known to change nothing, at least where it can only read. */
export const isKnownSafe = (argv: readonly string[], platform?: NodeJS.Platform): boolean =>
  safetyOf(argv, platform) !== 'unknown';
