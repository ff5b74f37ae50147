/** Why a configuration cannot be used. */
import { AppError } from '../base/errors.ts';

/** Lines and columns count from 1, columns in characters; `end` is the last character, not the one behind it. */
export interface TextRange {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** What kind of fault: callers word their answer by it. */
export type ConfigFault = 'syntax' | 'type' | 'value' | 'requirement' | 'io';

/** The message is complete: for a fault inside a file it begins with `<file>:<line>:<column>: `. */
export class ConfigError extends AppError {
  readonly fault: ConfigFault;
  readonly path: string | null;
  readonly range: TextRange | null;

  constructor(
    fault: ConfigFault,
    message: string,
    place: { readonly path?: string; readonly range?: TextRange; readonly cause?: unknown } = {},
  ) {
    super('invalid-config', message, 'cause' in place ? { cause: place.cause } : {});
    this.fault = fault;
    this.path = place.path ?? null;
    this.range = place.range ?? null;
  }
}

/** A fault at a place in a file. */
export function faultInFile(fault: ConfigFault, path: string, range: TextRange, reason: string): ConfigError {
  const { line, column } = range.start;
  return new ConfigError(fault, `${path}:${line}:${column}: ${reason}`, { path, range });
}
