/** Errors of a configuration. */
import { AppError } from '../base/errors.ts';

/** Lines and columns start at 1, columns count characters; `end` is the last character, inclusive. */
export interface FileRange {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** The kind of fault; callers choose their message by it. */
export type ConfigFault = 'syntax' | 'type' | 'value' | 'requirement' | 'io';

/** The message is complete: for a fault inside a file it starts with `<file>:<line>:<column>: `. */
export class ConfigError extends AppError {
  readonly fault: ConfigFault;
  readonly path: string | null;
  readonly range: FileRange | null;

  constructor(
    fault: ConfigFault,
    message: string,
    location: { readonly path?: string; readonly range?: FileRange; readonly cause?: unknown } = {},
  ) {
    super('invalid-config', message, 'cause' in location ? { cause: location.cause } : {});
    this.fault = fault;
    this.path = location.path ?? null;
    this.range = location.range ?? null;
  }
}

/** A fault at a position in a file. */
export function faultInFile(fault: ConfigFault, path: string, range: FileRange, reason: string): ConfigError {
  const { line, column } = range.start;
  return new ConfigError(fault, `${path}:${line}:${column}: ${reason}`, { path, range });
}
