/** One command in the sandbox, outside any thread. */
import { request } from './define.ts';
import { SandboxPolicy } from './policies.ts';
import * as t from './schema/types.ts';

export const CommandExecParams = t.struct('CommandExecParams', {
  command: t.list(t.string),
  timeoutMs: t.opt(t.int64),
  cwd: t.opt(t.path),
  sandboxPolicy: t.opt(SandboxPolicy),
});
export type CommandExecParams = t.Infer<typeof CommandExecParams>;

export const CommandExecResponse = t.struct('CommandExecResponse', {
  exitCode: t.int32,
  stdout: t.string,
  stderr: t.string,
});
export type CommandExecResponse = t.Infer<typeof CommandExecResponse>;

export const commandExec = request('command/exec', CommandExecParams, CommandExecResponse);
