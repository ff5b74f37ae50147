/**
 * Items as codex of today stores them (`{"type":"CommandExecution","parsed_cmd":[…]}`), to items as clients see them;
 * `current-form.ts` has the reverse. Observed on codex app-server 0.171.0. Members that nobody knows are left out; an item that lacks what its kind needs is none; `other-items.ts` has those of
 * kinds that older clients do not know. Pure.
 */
import { fileURLToPath } from 'node:url';
import { quoteArgv } from '../command-analysis/quote.ts';
import type { CommandAction, FileUpdateChange, ThreadItem, UserInput, WebSearchAction } from '../protocol/items.ts';
import { msOf } from './duration.ts';
import { isNumber, isRecord, isString, type JsonRecord, listOf, recordsOf, textOrNull } from './json.ts';
import { otherItem } from './other-items.ts';

export type ItemOf<K extends ThreadItem['type']> = ThreadItem & { readonly type: K };

const FILE_URL = 'file://';
const ENDS = new Set(['completed', 'failed', 'declined']);

export function itemOfCurrent(item: unknown): ThreadItem | null {
  if (!isRecord(item) || !isString(item.id)) return null;
  const { id } = item;
  switch (item.type) {
    case 'UserMessage':
      return { type: 'userMessage', id, content: recordsOf(item.content).flatMap(inputOf) };
    case 'AgentMessage':
      return { type: 'agentMessage', id, text: recordsOf(item.content).map(textOf).join('') };
    case 'Plan':
      return isString(item.text) ? { type: 'plan', id, text: item.text } : null;
    case 'Reasoning':
      return {
        type: 'reasoning',
        id,
        summary: listOf(item.summary_text, isString) ?? [],
        content: listOf(item.raw_content, isString) ?? [],
      };
    case 'CommandExecution':
      return commandItem(item, id);
    case 'FileChange':
      return patchItem({ ...item, call_id: id });
    case 'McpToolCall':
      return mcpItem(item, id);
    case 'WebSearch':
      return searchItem({ ...item, call_id: id });
    case 'ImageView':
      return isString(item.path) ? { type: 'imageView', id, path: pathOf(item.path) } : null;
    case 'EnteredReviewMode':
      return { type: 'enteredReviewMode', id, review: reviewOf(item) };
    case 'ExitedReviewMode':
      return { type: 'exitedReviewMode', id, review: reviewOf(item) };
    case 'ContextCompaction':
      return { type: 'contextCompaction', id };
    default:
      return otherItem(item, id, pathOf);
  }
}

const textOf = ({ text }: JsonRecord): string => (isString(text) ? text : '');
const reviewOf = ({ review, user_facing_hint: hint }: JsonRecord): string =>
  textOrNull(review) ?? textOrNull(hint) ?? '';

/** Paths are URLs there. What is no URL of a file stays as it is. */
function pathOf(text: string): string {
  if (!text.startsWith(FILE_URL)) return text;
  try {
    return fileURLToPath(text);
  } catch {
    return text;
  }
}

function inputOf(part: JsonRecord): UserInput[] {
  const { type, text, image_url: url, path, name } = part;
  if (type === 'text' && isString(text)) return [{ type, text, text_elements: elementsOf(part.text_elements) }];
  if (type === 'image' && isString(url)) return [{ type, url }];
  if (type === 'local_image' && isString(path)) return [{ type: 'localImage', path: pathOf(path) }];
  if ((type === 'skill' || type === 'mention') && isString(name) && isString(path)) return [{ type, name, path }];
  return [];
}

const elementsOf = (value: unknown): (UserInput & { type: 'text' })['text_elements'] =>
  recordsOf(value).flatMap(({ byte_range: range, placeholder }) =>
    isRecord(range) && isNumber(range.start) && isNumber(range.end)
      ? [{ byteRange: { start: range.start, end: range.end }, placeholder: textOrNull(placeholder) }]
      : [],
  );

const endOf = (status: unknown, otherwise: 'completed' | 'failed'): 'completed' | 'failed' | 'declined' =>
  isString(status) && ENDS.has(status) ? (status as 'completed' | 'failed' | 'declined') : otherwise;

function commandItem(item: JsonRecord, id: string): ItemOf<'commandExecution'> | null {
  const command = isString(item.command) ? item.command : listOf(item.command, isString);
  if (command === null || !isString(item.cwd)) return null;
  const exitCode = isNumber(item.exit_code) ? item.exit_code : null;
  const output = textOrNull(item.aggregated_output);
  return {
    type: 'commandExecution',
    id,
    command: isString(command) ? command : quoteArgv(command),
    cwd: pathOf(item.cwd),
    processId: textOrNull(item.process_id),
    status: endOf(item.status, exitCode === 0 ? 'completed' : 'failed'),
    commandActions: recordsOf(item.parsed_cmd).map(actionOf),
    aggregatedOutput: output === '' ? null : output,
    exitCode,
    durationMs: msOf(item.duration),
  };
}

function actionOf({ type, cmd, name, path, query }: JsonRecord): CommandAction {
  const command = textOrNull(cmd) ?? '';
  if (type === 'read' && isString(name) && isString(path)) return { type, command, name, path: pathOf(path) };
  if (type === 'list_files') return { type: 'listFiles', command, path: textOrNull(path) };
  if (type === 'search') return { type, command, query: textOrNull(query), path: textOrNull(path) };
  return { type: 'unknown', command };
}

/** Also from the event in which older kinds of files hold a patch. */
export function patchItem({ call_id: id, changes, status, success }: JsonRecord): ItemOf<'fileChange'> | null {
  if (!isString(id) || !isRecord(changes)) return null;
  const list = Object.entries(changes).flatMap(([path, change]) => (isRecord(change) ? changeOf(path, change) : []));
  return { type: 'fileChange', id, changes: list, status: endOf(status, success === false ? 'failed' : 'completed') };
}

function changeOf(
  path: string,
  { type, content, unified_diff: diff, move_path: move }: JsonRecord,
): FileUpdateChange[] {
  if ((type === 'add' || type === 'delete') && isString(content)) return [{ path, kind: { type }, diff: content }];
  if (type !== 'update' || !isString(diff)) return [];
  const movePath = textOrNull(move);
  return [{ path, kind: { type, move_path: movePath }, diff: movePath === null ? diff : `${diff}${MOVED}${movePath}` }];
}

/** How a moved file shows in a diff, as `patch/file-changes.ts` words it. */
export const MOVED = '\n\nMoved to: ';

function mcpItem(item: JsonRecord, id: string): ItemOf<'mcpToolCall'> | null {
  const { server, tool, result, error, status } = item;
  if (!isString(server) || !isString(tool)) return null;
  const failure = isRecord(error) ? textOrNull(error.message) : textOrNull(error);
  const content = isRecord(result) && Array.isArray(result.content) ? result : null;
  return {
    type: 'mcpToolCall',
    id,
    server,
    tool,
    status: status === 'failed' || failure !== null ? 'failed' : 'completed',
    arguments: (item.arguments ?? null) as ItemOf<'mcpToolCall'>['arguments'],
    result:
      content === null
        ? null
        : ({
            content: content.content,
            structuredContent: content.structuredContent ?? content.structured_content ?? null,
          } as ItemOf<'mcpToolCall'>['result']),
    error: failure === null ? null : { message: failure },
    durationMs: msOf(item.duration),
  };
}

/** Also from the event in which older kinds of files hold a search. */
export function searchItem({ call_id: id, query, action }: JsonRecord): ItemOf<'webSearch'> | null {
  if (!isString(id) || !isString(query)) return null;
  return { type: 'webSearch', id, query, action: isRecord(action) ? searchActionOf(action) : null };
}

function searchActionOf({ type, query, queries, url, pattern }: JsonRecord): WebSearchAction {
  if (type === 'search') return { type, query: textOrNull(query), queries: listOf(queries, isString) };
  if (type === 'open_page') return { type: 'openPage', url: textOrNull(url) };
  if (type === 'find_in_page') return { type: 'findInPage', url: textOrNull(url), pattern: textOrNull(pattern) };
  return { type: 'other' };
}
