/** The shell tools in their four forms: an argument vector, a script, and upstream's own local shell call. */
import { isAbsolute, join } from 'node:path';
import * as s from '../../base/json/schema.ts';
import type { EffectiveConfig } from '../../contract/effective-config.ts';
import type { ShellType, TruncationPolicy } from '../../contract/model-profile.ts';
import type { TurnSettings } from '../../contract/turn-settings.ts';
import { formatShellJson, formatShellText, type ShellOutcome, shellReport } from '../../exec/format.ts';
import { shellArgv } from '../../exec/shell.ts';
import { decodeArguments } from './arguments.ts';
import { type CommandRequest, runCommandCall } from './command.ts';
import type { Tool, ToolCall, ToolContext, ToolSet } from './tool.ts';

/** Observed on codex app-server 0.94.0. */
const DEFAULT_TIMEOUT_MS = 10_000;

const Permissions = {
  timeout_ms: s.nullish(s.count),
  sandbox_permissions: s.nullish(s.words('use_default', 'require_escalated')),
  justification: s.nullish(s.string),
  prefix_rule: s.nullish(s.list(s.string)),
};

const ShellArguments = s.object({
  command: s.list(s.string),
  workdir: s.nullish(s.string),
  timeout: s.nullish(s.count),
  ...Permissions,
});

const ScriptArguments = s.object({
  command: s.string,
  login: s.nullish(s.boolean),
  workdir: s.nullish(s.string),
  timeout: s.nullish(s.count),
  ...Permissions,
});

const permissionProperties = (requestRule: boolean): Record<string, object> => ({
  justification: {
    type: 'string',
    description: 'With escalated permissions only: one question to the user that says what the command is for.',
  },
  ...(requestRule
    ? {
        prefix_rule: {
          type: 'array',
          description:
            'With escalated permissions only: the first words of the command that may run unasked from now on, such as ["git", "fetch"].',
          items: { type: 'string' },
        },
      }
    : {}),
  sandbox_permissions: {
    type: 'string',
    description: 'use_default (the default), or require_escalated to run outside the sandbox.',
  },
  timeout_ms: { type: 'number', description: `Time limit in milliseconds; ${DEFAULT_TIMEOUT_MS} when absent.` },
  workdir: { type: 'string', description: 'Folder to run in; the current one when absent.' },
});

const spec = (
  name: string,
  description: string,
  properties: Record<string, object>,
): { type: 'function'; name: string; description: string; strict: false; parameters: object } => ({
  type: 'function',
  name,
  description,
  strict: false,
  parameters: { type: 'object', properties, required: ['command'], additionalProperties: false },
});

const shellSpec = (requestRule: boolean): object =>
  spec(
    'shell',
    'Runs a program and returns its output. The words go to the program as they are: for pipes, redirections or globs use ["bash", "-lc", "…"]. Set workdir instead of using cd.',
    {
      command: { type: 'array', description: 'The program and its arguments.', items: { type: 'string' } },
      ...permissionProperties(requestRule),
    },
  );

const scriptSpec = (requestRule: boolean): object =>
  spec('shell_command', "Runs a script in the user's shell and returns its output. Set workdir instead of using cd.", {
    command: { type: 'string', description: 'The script.' },
    login: { type: 'boolean', description: 'Whether the shell reads its login files; true when absent.' },
    ...permissionProperties(requestRule),
  });

const abortedOutput = (elapsedSec: string): string => `Wall time: ${elapsedSec} seconds\naborted by user`;

const textFraming = (outcome: ShellOutcome, policy: TruncationPolicy): string =>
  formatShellText(shellReport(outcome, policy));

const inTurn = (context: ToolContext, workdir: string | null | undefined): string => {
  const { cwd } = context.turn.settings;
  if (workdir === undefined || workdir === null || workdir === '') return cwd;
  return isAbsolute(workdir) ? workdir : join(cwd, workdir);
};

type PermissionMembers = Pick<s.Infer<typeof ShellArguments>, 'sandbox_permissions' | 'justification' | 'prefix_rule'>;

const permissionsOf = (
  given: PermissionMembers,
): Pick<CommandRequest, 'escalated' | 'justification' | 'offeredPrefix'> => ({
  escalated: given.sandbox_permissions === 'require_escalated',
  justification: given.justification ?? null,
  offeredPrefix: given.prefix_rule ?? null,
});

const argsOf = (call: ToolCall): string => (call.kind === 'function' ? call.args : '');

const shellTool: Tool = {
  names: ['shell', 'container.exec'],
  parallel: false,
  abortedOutput,
  run(call, context) {
    const given = decodeArguments(ShellArguments, argsOf(call));
    return runCommandCall(context, {
      toolName: call.kind === 'function' ? call.name : 'shell',
      argv: given.command,
      cwd: inTurn(context, given.workdir),
      timeoutMs: given.timeout_ms ?? given.timeout ?? DEFAULT_TIMEOUT_MS,
      ...permissionsOf(given),
      frame: formatShellJson,
    });
  },
};

const scriptTool: Tool = {
  names: ['shell_command'],
  parallel: false,
  abortedOutput,
  run(call, context) {
    const given = decodeArguments(ScriptArguments, argsOf(call));
    return runCommandCall(context, {
      toolName: 'shell_command',
      argv: shellArgv(context.services.shell, given.command, { login: given.login ?? true }),
      cwd: inTurn(context, given.workdir),
      timeoutMs: given.timeout_ms ?? given.timeout ?? DEFAULT_TIMEOUT_MS,
      ...permissionsOf(given),
      frame: textFraming,
    });
  },
};

const localShellTool: Tool = {
  names: ['local_shell'],
  kinds: ['localShell', 'function'],
  parallel: false,
  abortedOutput,
  run(call, context) {
    const action = call.kind === 'localShell' ? call.action : { type: 'exec' as const, command: [] };
    return runCommandCall(context, {
      toolName: 'local_shell',
      argv: action.command,
      cwd: inTurn(context, 'working_directory' in action ? action.working_directory : null),
      timeoutMs: ('timeout_ms' in action ? action.timeout_ms : null) ?? DEFAULT_TIMEOUT_MS,
      escalated: false,
      justification: null,
      offeredPrefix: null,
      frame: formatShellJson,
    });
  },
};

/** The shell a turn offers. Interactive sessions are not built, so their place is taken by the script form. */
function shellTypeOf(settings: TurnSettings, config: EffectiveConfig): Exclude<ShellType, 'unified_exec'> {
  if (!config.features.shell_tool) return 'disabled';
  const wanted = config.features.unified_exec ? 'unified_exec' : settings.profile.shellType;
  return wanted === 'unified_exec' ? 'shell_command' : wanted;
}

function shellSpecs(type: Exclude<ShellType, 'unified_exec'>, requestRule: boolean): object[] {
  switch (type) {
    case 'disabled':
      return [];
    case 'default':
      return [shellSpec(requestRule)];
    case 'shell_command':
      return [scriptSpec(requestRule)];
    case 'local':
      return [{ type: 'local_shell' }];
  }
}

export const shellTools: ToolSet = {
  offer: (settings, config) => shellSpecs(shellTypeOf(settings, config), config.features.request_rule),
  tools: [shellTool, scriptTool, localShellTool],
};
