/**
 * Items as codex of today stores them (`{"type":"CommandExecution","parsed_cmd":[…]}`), to items as clients see them;
 * `current-form.ts` has the reverse. Observed on codex app-server 0.171.0. Members that nobody knows are left out; an item that lacks what its kind needs is none; `other-items.ts` has those of
 * kinds that older clients do not know. Pure.
 */
import * as s from '../base/json/schema.ts';
import { quoteArgv } from '../command-analysis/quote.ts';
import type { CommandAction, FileUpdateChange, ThreadItem, UserInput, WebSearchAction } from '../protocol/items.ts';
import { StoredDuration } from './duration.ts';
import { OTHER_ITEMS, OtherItem } from './other-items.ts';
import { StoredPath } from './stored-path.ts';

export type ItemOf<K extends ThreadItem['type']> = ThreadItem & { readonly type: K };

const Text = s.otherwise(s.string, '');

const TextElement = s.changed(
  s.object({ byte_range: s.object({ start: s.number, end: s.number }), placeholder: s.orNull(s.string) }),
  ({ byte_range: byteRange, placeholder }) => ({ byteRange, placeholder }),
);

const Input = s.variants('type', {
  text: s.object({ type: s.word('text'), text: s.string, text_elements: s.orEmpty(s.listOfAccepted(TextElement)) }),
  image: s.changed(s.object({ image_url: s.string }), ({ image_url: url }): UserInput => ({ type: 'image', url })),
  local_image: s.changed(s.object({ path: StoredPath }), ({ path }): UserInput => ({ type: 'localImage', path })),
  skill: s.object({ type: s.word('skill'), name: s.string, path: s.string }),
  mention: s.object({ type: s.word('mention'), name: s.string, path: s.string }),
});

const Review = s.object({ id: s.string, review: s.orNull(s.string), user_facing_hint: s.orNull(s.string) });
const reviewOf = ({ review, user_facing_hint: hint }: s.Infer<typeof Review>): string => review ?? hint ?? '';

const End = s.orNull(s.words('completed', 'failed', 'declined'));

const pathOf = (text: string): string => s.readOrNull(StoredPath, text) ?? text;

const Action = s.changed(
  s.object({
    type: s.anything,
    cmd: Text,
    name: s.orNull(s.string),
    path: s.orNull(s.string),
    query: s.orNull(s.string),
  }),
  ({ type, cmd: command, name, path, query }): CommandAction => {
    if (type === 'read' && name !== null && path !== null) return { type, command, name, path: pathOf(path) };
    if (type === 'list_files') return { type: 'listFiles', command, path };
    if (type === 'search') return { type, command, query, path };
    return { type: 'unknown', command };
  },
);

const Command = s.object({
  id: s.string,
  command: s.either(s.string, s.changed(s.list(s.string), quoteArgv)),
  cwd: StoredPath,
  process_id: s.orNull(s.string),
  status: End,
  parsed_cmd: s.orEmpty(s.listOfAccepted(Action)),
  aggregated_output: s.orNull(s.string),
  exit_code: s.orNull(s.number),
  duration: s.orNull(StoredDuration),
});

const commandItem = (stored: s.Infer<typeof Command>): ItemOf<'commandExecution'> => ({
  type: 'commandExecution',
  id: stored.id,
  command: stored.command,
  cwd: stored.cwd,
  processId: stored.process_id,
  status: stored.status ?? (stored.exit_code === 0 ? 'completed' : 'failed'),
  commandActions: stored.parsed_cmd,
  aggregatedOutput: stored.aggregated_output === '' ? null : stored.aggregated_output,
  exitCode: stored.exit_code,
  durationMs: stored.duration,
});

const Change = s.variants('type', {
  add: s.object({ type: s.word('add'), content: s.string }),
  delete: s.object({ type: s.word('delete'), content: s.string }),
  update: s.object({ type: s.word('update'), unified_diff: s.string, move_path: s.orNull(s.string) }),
});

const PATCH = { changes: s.mapOf(s.orNull(Change)), status: End, success: s.anything };

function patchItem(
  id: string,
  {
    changes,
    status,
    success,
  }: { readonly [K in 'changes' | 'status']: s.Infer<(typeof PATCH)[K]> } & { readonly success?: unknown },
): ItemOf<'fileChange'> {
  const list = Object.entries(changes).flatMap(([path, change]) => (change === null ? [] : changeOf(path, change)));
  return { type: 'fileChange', id, changes: list, status: status ?? (success === false ? 'failed' : 'completed') };
}

function changeOf(path: string, change: s.Infer<typeof Change>): FileUpdateChange {
  if (change.type !== 'update') return { path, kind: { type: change.type }, diff: change.content };
  const { type, unified_diff: diff, move_path } = change;
  return { path, kind: { type, move_path }, diff: move_path === null ? diff : `${diff}${MOVED}${move_path}` };
}

/** How a moved file shows in a diff, as `patch/file-changes.ts` words it. */
export const MOVED = '\n\nMoved to: ';

/** The event in which older kinds of files hold a patch, and its turn where it says so. */
export const PatchEvent = s.changed(
  s.object({ turn_id: s.orNull(s.string), call_id: s.string, ...PATCH }),
  ({ turn_id, call_id, ...patch }) => ({ turn_id, item: patchItem(call_id, patch) }),
);

type McpResult = NonNullable<ItemOf<'mcpToolCall'>['result']>;

const McpContent = s.believed<McpResult['content']>()(s.array);
const McpResult = s.changed(
  s.object({ content: McpContent, structuredContent: s.anything, structured_content: s.anything }),
  ({ content, structuredContent, structured_content }): McpResult => ({
    content,
    structuredContent: structuredContent ?? structured_content ?? null,
  }),
);

const McpCall = s.object({
  id: s.string,
  server: s.string,
  tool: s.string,
  status: s.anything,
  arguments: s.anything,
  result: s.orNull(McpResult),
  error: s.orNull(
    s.either(
      s.string,
      s.changed(s.object({ message: s.string }), ({ message }) => message),
    ),
  ),
  duration: s.orNull(StoredDuration),
});

const mcpItem = ({ id, server, tool, ...call }: s.Infer<typeof McpCall>): ItemOf<'mcpToolCall'> => ({
  type: 'mcpToolCall',
  id,
  server,
  tool,
  status: call.status === 'failed' || call.error !== null ? 'failed' : 'completed',
  arguments: call.arguments ?? null,
  result: call.result,
  error: call.error === null ? null : { message: call.error },
  durationMs: call.duration,
});

const SearchAction = s.changed(
  s.object({
    type: s.anything,
    query: s.orNull(s.string),
    queries: s.orNull(s.list(s.string)),
    url: s.orNull(s.string),
    pattern: s.orNull(s.string),
  }),
  ({ type, query, queries, url, pattern }): WebSearchAction => {
    if (type === 'search') return { type, query, queries };
    if (type === 'open_page') return { type: 'openPage', url };
    if (type === 'find_in_page') return { type: 'findInPage', url, pattern };
    return { type: 'other' };
  },
);

const SEARCH = { query: s.string, action: s.orNull(SearchAction) };

const searchItem = (id: string, { query, action }: { query: string; action: WebSearchAction | null }): ThreadItem => ({
  type: 'webSearch',
  id,
  query,
  action,
});

/** The same of a search. */
export const SearchEvent = s.changed(
  s.object({ turn_id: s.orNull(s.string), call_id: s.string, ...SEARCH }),
  ({ turn_id, call_id, ...search }) => ({ turn_id, item: searchItem(call_id, search) }),
);

const Texts = s.orEmpty(s.list(s.string));

/** `completed` items of the kinds that older clients know, and of those that they do not. */
export const CurrentItem: s.Schema<ThreadItem> = s.variants(
  'type',
  {
    UserMessage: s.changed(
      s.object({ id: s.string, content: s.orEmpty(s.listOfAccepted(Input)) }),
      (item): ThreadItem => ({ type: 'userMessage', ...item }),
    ),
    AgentMessage: s.changed(
      s.object({ id: s.string, content: s.orEmpty(s.listOfAccepted(s.object({ text: Text }))) }),
      ({ id, content }): ThreadItem => ({
        type: 'agentMessage',
        id,
        text: content.map(({ text }) => text).join(''),
      }),
    ),
    Plan: s.changed(s.object({ id: s.string, text: s.string }), (item): ThreadItem => ({ type: 'plan', ...item })),
    Reasoning: s.changed(
      s.object({ id: s.string, summary_text: Texts, raw_content: Texts }),
      ({ id, summary_text: summary, raw_content: content }): ThreadItem => ({
        type: 'reasoning',
        id,
        summary,
        content,
      }),
    ),
    CommandExecution: s.changed(Command, commandItem),
    FileChange: s.changed(s.object({ id: s.string, ...PATCH }), (patch) => patchItem(patch.id, patch)),
    McpToolCall: s.changed(McpCall, mcpItem),
    WebSearch: s.changed(s.object({ id: s.string, ...SEARCH }), (item) => searchItem(item.id, item)),
    ImageView: s.changed(
      s.object({ id: s.string, path: StoredPath }),
      (item): ThreadItem => ({ type: 'imageView', ...item }),
    ),
    EnteredReviewMode: s.changed(
      Review,
      (item): ThreadItem => ({ type: 'enteredReviewMode', id: item.id, review: reviewOf(item) }),
    ),
    ExitedReviewMode: s.changed(
      Review,
      (item): ThreadItem => ({ type: 'exitedReviewMode', id: item.id, review: reviewOf(item) }),
    ),
    ContextCompaction: s.changed(
      s.object({ id: s.string }),
      (item): ThreadItem => ({ type: 'contextCompaction', ...item }),
    ),
    ...OTHER_ITEMS,
  },
  OtherItem,
);
