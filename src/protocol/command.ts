/** One command in the sandbox, outside any thread. */
import { request } from './define.ts';
import { SandboxPolicy } from './policies.ts';
import * as t from './schema/types.ts';

/** A command to run outside any thread. */
export const CommandExecParams = t.struct('CommandExecParams', {
  /** The program and its arguments; no shell reads them. */
  command: t.list(t.string),
  timeoutMs: t.opt(t.int64),
  cwd: t.opt(t.path),
  /** The configured sandbox when absent. */
  sandboxPolicy: t.opt(SandboxPolicy),
});
export type CommandExecParams = t.Infer<typeof CommandExecParams>;

/** Answers `command/exec` after the command has ended. */
export const CommandExecResponse = t.struct('CommandExecResponse', {
  exitCode: t.int32,
  stdout: t.string,
  stderr: t.string,
});
export type CommandExecResponse = t.Infer<typeof CommandExecResponse>;

/** Messages about single commands. */
export const commandMessages = [
  /** Runs one command and waits for its end. */
  request('command/exec', CommandExecParams, CommandExecResponse),
] as const;
