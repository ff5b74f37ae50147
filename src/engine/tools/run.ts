/**
 * The tool calls of one response. Each starts when its item arrives; their outputs are recorded together, in call
 * order, when all have ended.
 */
import { failureText } from '../../base/os-error.ts';
import type { ResponseItem } from '../../protocol/response-items.ts';
import { ToolFailure, TurnInterrupted } from '../failures.ts';
import type { TurnState } from '../turn-state.ts';
import { findTool } from './registry.ts';
import type { Tool, ToolCall, ToolContext, ToolDeps, ToolOutput } from './tool.ts';

/** Reported durations never show as nothing. */
const LEAST_SECONDS = 0.1;

/** Of one response. No model asks for so many, and each may take its whole time limit. */
const MOST_CALLS = 1000;
const TOO_MANY = `not run: only the first ${MOST_CALLS} calls of a response are`;

export class ToolRun {
  readonly #deps: ToolDeps;
  readonly #turn: TurnState;
  readonly #abort = new AbortController();
  readonly #calls: { readonly call: ToolCall; readonly output: Promise<ToolOutput> }[] = [];

  constructor(deps: ToolDeps, turn: TurnState) {
    this.#deps = deps;
    this.#turn = turn;
  }

  get hasCalls(): boolean {
    return this.#calls.length > 0;
  }

  /** Starts the call that `item` is, if it is one. */
  take(item: ResponseItem): void {
    const call = toolCallOf(item);
    if (call !== null) this.#calls.push({ call, output: this.#start(call) });
  }

  async recordOutputs(): Promise<void> {
    const outputs = await Promise.all(this.#calls.map(({ output }) => output));
    const items = outputs.flatMap((result, index) => {
      const call = this.#calls[index]?.call;
      return call === undefined ? [] : [...(result.remarks ?? []), outputItem(call, result)];
    });
    items.push(...outputs.flatMap(({ followUps }) => followUps ?? []));
    if (items.length > 0)
      this.#deps.recorder.addToHistory(this.#turn.id, items, this.#turn.settings.profile.truncation);
  }

  /** The response broke off: its calls end now and leave no output. */
  async abandon(): Promise<void> {
    this.#abort.abort(new TurnInterrupted());
    await Promise.allSettled(this.#calls.map(({ output }) => output));
  }

  async #start(call: ToolCall): Promise<ToolOutput> {
    if (this.#calls.length >= MOST_CALLS) return { output: TOO_MANY };
    const tool = findTool(call, this.#turn.settings, this.#deps.config);
    if (tool === null) return { output: unsupported(call) };
    const signal = AbortSignal.any([this.#turn.signal, this.#abort.signal]);
    const startedMs = this.#deps.services.clock.steadyMs();
    const context: ToolContext = {
      ...this.#deps,
      turn: this.#turn,
      callId: call.callId,
      itemId: this.#deps.recorder.uniqueItemId(call.callId),
      signal,
    };
    try {
      return await this.#turn.toolLock.run(tool.parallel, () => {
        signal.throwIfAborted();
        return tool.run(call, context);
      });
    } catch (error) {
      return { output: this.#failureText(tool, call, error, signal, startedMs) };
    }
  }

  #failureText(tool: Tool, call: ToolCall, error: unknown, signal: AbortSignal, startedMs: number): string {
    if (error instanceof ToolFailure) return error.message;
    if (signal.aborted) {
      const elapsedSec = (this.#deps.services.clock.steadyMs() - startedMs) / 1000;
      return tool.abortedOutput(Math.max(elapsedSec, LEAST_SECONDS).toFixed(1));
    }
    this.#deps.services.log.error('engine', 'a tool call failed', { callId: call.callId, error });
    return `tool call failed: ${failureText(error)}`;
  }
}

/** null for items that are not calls, and for a local shell call that nothing could be paired with. */
function toolCallOf(item: ResponseItem): ToolCall | null {
  switch (item.type) {
    case 'function_call':
      return { kind: 'function', name: item.name, callId: item.call_id, args: item.arguments };
    case 'custom_tool_call':
      return { kind: 'custom', name: item.name, callId: item.call_id, input: item.input };
    case 'local_shell_call':
      return { kind: 'localShell', callId: item.call_id ?? item.id ?? '', action: item.action };
    case 'message':
    case 'reasoning':
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'web_search_call':
    case 'compaction':
    case 'ghost_snapshot':
    case 'other':
      return null;
  }
}

function unsupported(call: ToolCall): string {
  switch (call.kind) {
    case 'custom':
      return `unsupported custom tool call: ${call.name}`;
    case 'function':
      return `unsupported call: ${call.name}`;
    case 'localShell':
      return 'unsupported call: local_shell';
  }
}

function outputItem(call: ToolCall, { output }: ToolOutput): ResponseItem {
  if (call.kind !== 'custom') return { type: 'function_call_output', call_id: call.callId, output };
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  return { type: 'custom_tool_call_output', call_id: call.callId, output: text };
}
