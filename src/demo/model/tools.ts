/** Turns what the plan wants into calls of the tools that are on offer. In: `tools` of a request. Out: call items. */
import { isRecord } from '../../base/json/schema.ts';

/** What the offered tools allow. */
export interface Toolbox {
  readonly shell: 'shell' | 'shell_command' | 'exec_command' | 'local_shell' | null;
  readonly patch: 'custom' | 'function' | null;
  readonly plan: boolean;
  readonly isEmpty: boolean;
}

/** An output item without its `call_id`, which the answer gives it. */
export type Call =
  | { readonly type: 'function_call'; readonly name: string; readonly arguments: string }
  | { readonly type: 'custom_tool_call'; readonly name: string; readonly input: string }
  | {
      readonly type: 'local_shell_call';
      readonly status: 'completed';
      readonly action: { readonly type: 'exec'; readonly command: readonly string[]; readonly timeout_ms: number };
    };

export function toolboxOf(tools: readonly unknown[]): Toolbox {
  const has = (type: string, name?: string): boolean =>
    tools.some((tool) => isRecord(tool) && tool.type === type && (name === undefined || tool.name === name));
  const names = ['exec_command', 'shell_command', 'shell'] as const;
  const patch = has('custom', 'apply_patch') ? 'custom' : has('function', 'apply_patch') ? 'function' : null;
  return {
    shell: names.find((name) => has('function', name)) ?? (has('local_shell') ? 'local_shell' : null),
    patch,
    plan: has('function', 'update_plan'),
    isEmpty: tools.length === 0,
  };
}

const TIMEOUT_MS = 60_000;

const call = (name: string, args: object): Call => ({ type: 'function_call', name, arguments: JSON.stringify(args) });
const local = (command: readonly string[]): Call => ({
  type: 'local_shell_call',
  status: 'completed',
  action: { type: 'exec', command, timeout_ms: TIMEOUT_MS },
});

/** A script for the user's shell; null when no tool runs commands. */
export function commandCall({ shell }: Toolbox, userShell: string, script: string): Call | null {
  switch (shell) {
    case 'exec_command':
      return call('exec_command', { cmd: script, yield_time_ms: 30_000 });
    case 'shell_command':
      return call('shell_command', { command: script, timeout_ms: TIMEOUT_MS });
    case 'shell':
      return call('shell', { command: shellArgv(userShell, script), timeout_ms: TIMEOUT_MS });
    case 'local_shell':
      return local(shellArgv(userShell, script));
    case null:
      return null;
  }
}

/** Waits for a command that went to the background. */
export const waitCall = (sessionId: number): Call =>
  call('write_stdin', { session_id: sessionId, chars: '', yield_time_ms: 30_000 });

/** A patch by its own tool, else through the shell; null when there is neither. */
export function patchCall(toolbox: Toolbox, userShell: string, patch: string): Call | null {
  if (toolbox.patch === 'custom') return { type: 'custom_tool_call', name: 'apply_patch', input: patch };
  if (toolbox.patch === 'function') return call('apply_patch', { input: patch });
  const argv = ['apply_patch', patch];
  if (toolbox.shell === 'shell') return call('shell', { command: argv, timeout_ms: TIMEOUT_MS });
  if (toolbox.shell === 'local_shell') return local(argv);
  return commandCall(toolbox, userShell, heredoc(patch));
}

export const planCall = (steps: readonly string[]): Call =>
  call('update_plan', {
    plan: steps.map((step, index) => ({ step, status: index === 0 ? 'in_progress' : 'pending' })),
  });

/** A script that prints a file. */
export function showScript(userShell: string, file: string): string {
  if (userShell === 'powershell') return `Get-Content -Raw -LiteralPath '${file.replaceAll("'", "''")}'`;
  if (userShell === 'cmd') return `type "${file}"`;
  return `cat -- '${file.replaceAll("'", `'\\''`)}'`;
}

function shellArgv(userShell: string, script: string): string[] {
  if (userShell === 'powershell') return ['powershell.exe', '-Command', script];
  if (userShell === 'cmd') return ['cmd.exe', '/c', script];
  return [userShell, '-lc', script];
}

/** The closing word must not be a line of the patch. */
function heredoc(patch: string): string {
  const lines = new Set(patch.split('\n'));
  let tag = 'PATCH';
  while (lines.has(tag)) tag += '_';
  return `apply_patch <<'${tag}'\n${patch}\n${tag}`;
}
