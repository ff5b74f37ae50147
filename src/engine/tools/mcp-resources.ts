/** The three tools for resources of MCP servers. As long as no server can be configured they answer so. */
import { parseJson } from '../../base/json/parse.ts';
import * as s from '../../base/json/schema.ts';
import type { EngineEvent } from '../../contract/engine-events.ts';
import { ToolFailure } from '../failures.ts';
import { decodeArguments } from './arguments.ts';
import { abortedByUser, type Tool, type ToolContext, type ToolOutput, type ToolSet } from './tool.ts';

const ListArguments = s.object({ server: s.nullish(s.string), cursor: s.nullish(s.string) });
const ReadArguments = s.object({ server: s.string, uri: s.string });

/** Who is named as the server of a call that is about all of them. */
const ALL_SERVERS = 'codex';

const listSpec = (name: string, what: string): object => ({
  type: 'function',
  name,
  description: `Lists ${what} that MCP servers offer: of one server, or of all.`,
  strict: false,
  parameters: {
    type: 'object',
    properties: {
      cursor: { type: 'string', description: 'Where to go on: nextCursor of an earlier answer of the same server.' },
      server: { type: 'string', description: 'Name of the server; all of them when absent.' },
    },
    additionalProperties: false,
  },
});

const mcpResourceSpecs: readonly object[] = [
  listSpec('list_mcp_resources', 'resources'),
  listSpec('list_mcp_resource_templates', 'resource templates'),
  {
    type: 'function',
    name: 'read_mcp_resource',
    description: 'Reads one resource of an MCP server.',
    strict: false,
    parameters: {
      type: 'object',
      properties: {
        server: { type: 'string', description: 'Name of the server, as in the list of resources.' },
        uri: { type: 'string', description: 'URI of the resource, as in the list of resources.' },
      },
      required: ['server', 'uri'],
      additionalProperties: false,
    },
  },
];

const trimmed = (text: string | null | undefined): string | null => {
  const value = (text ?? '').trim();
  return value === '' ? null : value;
};

function required(field: string, value: string): string {
  const found = trimmed(value);
  if (found === null) throw new ToolFailure(`${field} must be provided`);
  return found;
}

type CallOutcome = (EngineEvent & { readonly kind: 'mcpCallEnded' })['outcome'];

/** Reports the call as an item around `work`, whose failure is both the item's error and the model's output. */
async function reported(
  { recorder, services, turn, itemId }: ToolContext,
  call: { readonly server: string; readonly tool: string; readonly args: unknown },
  work: () => string,
): Promise<ToolOutput> {
  const startedMs = services.clock.steadyMs();
  recorder.storeAndEmit({ kind: 'mcpCallStarted', turnId: turn.id, callId: itemId, ...call });
  const end = (outcome: CallOutcome): void =>
    recorder.storeAndEmit({
      kind: 'mcpCallEnded',
      turnId: turn.id,
      callId: itemId,
      ...call,
      outcome,
      durationMs: Math.round(services.clock.steadyMs() - startedMs),
    });
  try {
    const output = work();
    end({ ok: true, content: [{ type: 'text', text: output }], structuredContent: null, isError: false });
    return { output };
  } catch (error) {
    if (error instanceof ToolFailure) end({ ok: false, message: error.message });
    throw error;
  }
}

function listTool(tool: string, member: string): Tool {
  return {
    names: [tool],
    parallel: true,
    abortedOutput: abortedByUser,
    async run(call, context) {
      const text = call.kind === 'function' ? call.args : '';
      const given = text.trim() === '' ? {} : decodeArguments(ListArguments, text);
      const server = trimmed(given.server);
      const args = text.trim() === '' ? null : parseJson(text);
      return reported(context, { server: server ?? ALL_SERVERS, tool, args }, () => {
        if (server !== null) throw new ToolFailure(`resources/list failed: unknown MCP server '${server}'`);
        if (trimmed(given.cursor) !== null) throw new ToolFailure('cursor can only be used when a server is specified');
        return JSON.stringify({ [member]: [] });
      });
    },
  };
}

const readTool: Tool = {
  names: ['read_mcp_resource'],
  parallel: true,
  abortedOutput: abortedByUser,
  async run(call, context) {
    const text = call.kind === 'function' ? call.args : '';
    if (text.trim() === '') throw new ToolFailure('failed to parse function arguments: expected value');
    const given = decodeArguments(ReadArguments, text);
    const server = required('server', given.server);
    required('uri', given.uri);
    return reported(context, { server, tool: 'read_mcp_resource', args: parseJson(text) }, () => {
      throw new ToolFailure(`resources/read failed: unknown MCP server '${server}'`);
    });
  },
};

export const mcpResourceTools: ToolSet = {
  offer: () => mcpResourceSpecs,
  tools: [
    listTool('list_mcp_resources', 'resources'),
    listTool('list_mcp_resource_templates', 'resourceTemplates'),
    readTool,
  ],
};
