/** Events of commands, patches, tool calls and questions in the older protocol. Absent members are left out. Pure. */

import type { CommandDescription } from '../contract/engine-events.ts';
import type { EventOf } from '../contract/event-table.ts';
import { parsedCommandOf } from '../rollout/stored-event.ts';
import { durationOf, type LegacyMessage } from './legacy-values.ts';

type ToolEvent = EventOf<
  | 'commandStarted'
  | 'commandOutput'
  | 'commandEnded'
  | 'patchStarted'
  | 'patchEnded'
  | 'imageViewed'
  | 'mcpCallStarted'
  | 'mcpCallEnded'
  | 'terminalInteraction'
>;

export function toolMessages(event: ToolEvent): LegacyMessage[] {
  const call_id = event.callId;
  switch (event.kind) {
    case 'commandStarted':
      return [{ type: 'exec_command_begin', ...commandMembers(event) }];
    case 'commandOutput':
      return [{ type: 'exec_command_output_delta', call_id, stream: event.stream, chunk: base64(event.chunk) }];
    case 'commandEnded':
      return [commandEnd(event)];
    case 'patchStarted': {
      const { turnId: turn_id, autoApproved: auto_approved, legacyChanges: changes } = event;
      return [{ type: 'patch_apply_begin', call_id, turn_id, auto_approved, changes }];
    }
    case 'patchEnded': {
      const { turnId: turn_id, stdout, stderr, status, legacyChanges: changes } = event;
      return [{ type: 'patch_apply_end', call_id, turn_id, stdout, stderr, success: status === 'completed', changes }];
    }
    case 'imageViewed':
      return [{ type: 'view_image_tool_call', call_id, path: event.path }];
    case 'mcpCallStarted':
      return [{ type: 'mcp_tool_call_begin', call_id, invocation: invocationOf(event) }];
    case 'mcpCallEnded':
      return [mcpEnd(event)];
    case 'terminalInteraction':
      return [{ type: 'terminal_interaction', call_id, process_id: event.processId, stdin: event.stdin }];
  }
}

type ApprovalEvent = EventOf<'commandApproval' | 'patchApproval' | 'userInputRequest' | 'dynamicToolCall'>;

export function approvalMessages(event: ApprovalEvent): LegacyMessage[] {
  const { turnId: turn_id, callId: call_id } = event;
  switch (event.kind) {
    case 'commandApproval':
      return [
        {
          type: 'exec_approval_request',
          call_id,
          turn_id,
          command: event.command,
          cwd: event.cwd,
          ...(event.reason === null ? {} : { reason: event.reason }),
          ...(event.proposedAmendment === null ? {} : { proposed_execpolicy_amendment: event.proposedAmendment }),
          parsed_cmd: event.actions.map(parsedCommandOf),
        },
      ];
    case 'patchApproval': {
      const reason = event.reason === null ? {} : { reason: event.reason };
      return [{ type: 'apply_patch_approval_request', call_id, turn_id, changes: event.legacyChanges, ...reason }];
    }
    case 'userInputRequest':
      return [{ type: 'request_user_input', call_id, turn_id, questions: event.questions }];
    case 'dynamicToolCall':
      // The one event whose members are not in snake case.
      return [
        {
          type: 'dynamic_tool_call_request',
          callId: call_id,
          turnId: turn_id,
          tool: event.tool,
          arguments: event.args ?? null,
        },
      ];
  }
}

const commandMembers = (event: CommandDescription & { readonly turnId: string }) => ({
  call_id: event.callId,
  ...(event.processId === null ? {} : { process_id: event.processId }),
  turn_id: event.turnId,
  command: event.command,
  cwd: event.cwd,
  parsed_cmd: event.actions.map(parsedCommandOf),
  source: event.source,
});

const commandEnd = (event: EventOf<'commandEnded'>): LegacyMessage => ({
  type: 'exec_command_end',
  ...commandMembers(event),
  stdout: event.stdout,
  stderr: event.stderr,
  aggregated_output: event.aggregatedOutput,
  exit_code: event.exitCode,
  duration: durationOf(event.durationMs),
  formatted_output: event.formattedOutput,
});

const invocationOf = ({ server, tool, args }: EventOf<'mcpCallStarted' | 'mcpCallEnded'>) => ({
  server,
  tool,
  arguments: args ?? null,
});

type McpEnd = LegacyMessage & { readonly type: 'mcp_tool_call_end' };

function mcpEnd(event: EventOf<'mcpCallEnded'>): LegacyMessage {
  const { outcome } = event;
  const result: McpEnd['result'] = outcome.ok
    ? {
        Ok: {
          content: outcome.content,
          ...(outcome.isError === undefined ? {} : { isError: outcome.isError }),
          ...((outcome.structuredContent ?? null) === null ? {} : { structuredContent: outcome.structuredContent }),
        },
      }
    : { Err: outcome.message };
  return {
    type: 'mcp_tool_call_end',
    call_id: event.callId,
    invocation: invocationOf(event),
    duration: durationOf(event.durationMs),
    result,
  };
}

const base64 = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');
