/**
 * Items as clients see them, in the form in which codex of today stores them: the reverse of `current-items.ts`. Observed on codex
 * app-server 0.171.0. Pure.
 */
import { pathToFileURL } from 'node:url';
import { splitWords } from '../command-analysis/actions.ts';
import type { FileUpdateChange, ThreadItem, UserInput, WebSearchAction } from '../protocol/items.ts';
import { type ItemOf, MOVED } from './current-items.ts';
import { MS_PER_SEC, NANOS_PER_MS } from './duration.ts';
import { parsedCommandOf } from './stored-event.ts';

/** An item of ours in their form; null for one that has none there. */
export function currentOfItem(item: ThreadItem): object | null {
  const { id } = item;
  switch (item.type) {
    case 'userMessage':
      return { type: 'UserMessage', id, content: item.content.map(storedInput) };
    case 'agentMessage':
      return { type: 'AgentMessage', id, content: [{ type: 'Text', text: item.text }] };
    case 'plan':
      return { type: 'Plan', id, text: item.text };
    case 'reasoning':
      return { type: 'Reasoning', id, summary_text: item.summary, raw_content: item.content };
    case 'commandExecution':
      return storedCommand(item);
    case 'fileChange': {
      const changes = Object.fromEntries(item.changes.map((change) => [change.path, storedChange(change)]));
      return { type: 'FileChange', id, changes, status: item.status, stdout: '', stderr: '' };
    }
    case 'mcpToolCall':
      return storedMcpCall(item);
    case 'webSearch':
      return { type: 'WebSearch', id, query: item.query, action: storedSearch(item.action) };
    case 'imageView':
      return { type: 'ImageView', id, path: pathToFileURL(item.path).href };
    case 'enteredReviewMode':
      return { type: 'EnteredReviewMode', id, review: item.review };
    case 'exitedReviewMode':
      return { type: 'ExitedReviewMode', id, review: item.review };
    case 'contextCompaction':
      return { type: 'ContextCompaction', id };
    case 'collabAgentToolCall':
      return null;
  }
}

function storedInput(input: UserInput): object {
  switch (input.type) {
    case 'text':
      return {
        type: 'text',
        text: input.text,
        text_elements: (input.text_elements ?? []).map(({ byteRange, placeholder }) => ({
          byte_range: byteRange,
          placeholder,
        })),
      };
    case 'image':
      return { type: 'image', image_url: input.url };
    case 'localImage':
      return { type: 'local_image', path: input.path };
    case 'skill':
    case 'mention':
      return input;
  }
}

function storedCommand(item: ItemOf<'commandExecution'>): object {
  const durationMs = item.durationMs ?? 0;
  return {
    type: 'CommandExecution',
    id: item.id,
    ...(item.processId === null ? {} : { process_id: item.processId }),
    command: splitWords(item.command) ?? [item.command],
    cwd: pathToFileURL(item.cwd).href,
    parsed_cmd: item.commandActions.map(parsedCommandOf),
    source: 'agent',
    status: item.status === 'inProgress' ? 'failed' : item.status,
    aggregated_output: item.aggregatedOutput ?? '',
    exit_code: item.exitCode ?? -1,
    duration: { secs: Math.floor(durationMs / MS_PER_SEC), nanos: (durationMs % MS_PER_SEC) * NANOS_PER_MS },
  };
}

function storedChange({ kind, diff }: FileUpdateChange): object {
  if (kind.type !== 'update') return { type: kind.type, content: diff };
  const moved = kind.move_path === null ? '' : `${MOVED}${kind.move_path}`;
  const unified_diff = moved !== '' && diff.endsWith(moved) ? diff.slice(0, -moved.length) : diff;
  return { type: 'update', unified_diff, move_path: kind.move_path };
}

function storedMcpCall(item: ItemOf<'mcpToolCall'>): object {
  const durationMs = item.durationMs ?? 0;
  return {
    type: 'McpToolCall',
    id: item.id,
    server: item.server,
    tool: item.tool,
    arguments: item.arguments,
    status: item.status === 'inProgress' ? 'failed' : item.status,
    result: item.result,
    error: item.error,
    duration: { secs: Math.floor(durationMs / MS_PER_SEC), nanos: (durationMs % MS_PER_SEC) * NANOS_PER_MS },
  };
}

function storedSearch(action: WebSearchAction | null): object {
  if (action === null) return { type: 'other' };
  switch (action.type) {
    case 'search':
      return {
        type: 'search',
        ...(action.query === null ? {} : { query: action.query }),
        ...(action.queries === null ? {} : { queries: action.queries }),
      };
    case 'openPage':
      return { type: 'open_page', ...(action.url === null ? {} : { url: action.url }) };
    case 'findInPage':
      return {
        type: 'find_in_page',
        ...(action.url === null ? {} : { url: action.url }),
        ...(action.pattern === null ? {} : { pattern: action.pattern }),
      };
    case 'other':
      return { type: 'other' };
  }
}
