/**
 * The items a model service sends. In: any JSON value with whole text. Out: a `ResponseItem` with known members only, or
 * a refusal whose reason is for the user: `a function_call without a name`. Services differ in small things (a missing role, content as a
 * string, arguments as an object), and those are taken as they are meant. Pure, but for the ids of calls that came without one.
 */
import { randomUUID } from 'node:crypto';
import * as s from '../base/json/schema.ts';
import { wellFormedJson } from '../base/well-formed.ts';
import type { ContentItem, ReasoningItemContent, ResponseItem, WebSearchAction } from '../protocol/response-items.ts';
import { jsonOf } from './bounds.ts';

type ItemOf<K extends ResponseItem['type']> = ResponseItem & { readonly type: K };

const NonEmpty = s.textThat((text) => text !== '', 'a text');
const OptionalText = s.orAbsent(s.string);

/** What an item is, by its members when it does not say; null when they do not tell either. */
export function typeOf(value: s.JsonRecord): string | null {
  if (typeof value.type === 'string' && value.type !== '') return value.type;
  if (s.isRecord(value.function) || ('arguments' in value && typeof value.name === 'string')) return 'function_call';
  if ('input' in value && typeof value.name === 'string') return 'custom_tool_call';
  if ('content' in value || typeof value.role === 'string') return 'message';
  if ('summary' in value) return 'reasoning';
  return null;
}

/** Parts of a content; a single part may stand without its list. */
const Parts = s.changed(s.anything, (content): unknown[] => {
  if (Array.isArray(content)) return content;
  return content === undefined || content === null ? [] : [content];
});

/** A part of a message; `textType` is that of a text which does not say. */
const contentPart = (textType: 'input_text' | 'output_text'): s.Schema<ContentItem> =>
  s.either(
    s.changed(s.string, (text): ContentItem => ({ type: textType, text })),
    s.changed(
      s.object({
        type: s.orAbsent(s.words('input_text', 'output_text')),
        text: OptionalText,
        refusal: OptionalText,
        image_url: s.orAbsent(
          s.either(
            s.string,
            s.changed(s.object({ url: s.string }), ({ url }) => url),
          ),
        ),
      }),
      ({ type = textType, text, refusal, image_url }): ContentItem | s.Refusal => {
        if (text !== undefined) return { type, text };
        if (refusal !== undefined) return { type: textType, text: refusal };
        return image_url === undefined ? NO_PART : { type: 'input_image', image_url };
      },
    ),
  );
const NO_PART = new s.Refusal('a part without content');
const UserPart = contentPart('input_text');
const AssistantPart = contentPart('output_text');

const Message = s.changed(
  s.object({
    id: OptionalText,
    role: s.otherwise(NonEmpty, 'assistant'),
    content: Parts,
    end_turn: s.orAbsent(s.boolean),
  }),
  ({ id, role, content: given, end_turn }): ItemOf<'message'> | s.Refusal => {
    const part = role === 'assistant' ? AssistantPart : UserPart;
    const content = given.map((each) => s.readOrNull(part, each)).filter((each) => each !== null);
    if (given.length > 0 && content.length === 0) return new s.Refusal('a message without content that can be read');
    return { type: 'message', ...idOf(id), role, content, ...(end_turn === undefined ? {} : { end_turn }) };
  },
);

const idOf = (id: string | undefined): { id?: string } => (id === undefined ? {} : { id });
const statusOf = (status: string | undefined): { status?: string } => (status === undefined ? {} : { status });

const Thought = s.either(
  s.changed(s.string, (text): ReasoningItemContent => ({ type: 'reasoning_text', text })),
  s.object({ type: s.otherwise(s.word('text'), 'reasoning_text'), text: s.string }),
);
const Thoughts = s.changed(Parts, (parts) => parts.flatMap((part) => s.readOrNull(Thought, part) ?? []));

const Reasoning = s.changed(
  s.object({
    id: s.otherwise(s.string, ''),
    summary: Thoughts,
    content: s.omitted(Thoughts),
    encrypted_content: s.orNull(s.string),
  }),
  ({ id, summary, content, encrypted_content }): ItemOf<'reasoning'> => ({
    type: 'reasoning',
    id,
    summary: summary.map(({ text }) => ({ type: 'summary_text', text })),
    content: content ?? null,
    encrypted_content,
  }),
);

/** What pairs a call with its output: the call's own word for it, its id as an item, or one of ours. */
const CALL_IDS = { id: OptionalText, call_id: s.orAbsent(NonEmpty) };
const callIdOf = ({ id = '', call_id }: { readonly id?: string; readonly call_id?: string }): string =>
  call_id ?? (id === '' ? `call_${randomUUID()}` : id);

/** Arguments as the text that the wire wants them to be; null when they cannot be spelt. */
const argumentsText = (given: unknown): string | null =>
  typeof given === 'string' ? wellFormedJson(given) : jsonOf(given);

const FunctionCall = s.changed(
  s.object({ ...CALL_IDS, function: s.orAbsent(s.record), name: s.anything, arguments: s.anything }),
  ({ function: inner, ...call }): ItemOf<'function_call'> | s.Refusal => {
    const { name, arguments: given } = inner ?? call;
    if (typeof name !== 'string' || name === '') return new s.Refusal('a function_call without a name');
    const args = argumentsText(given ?? {});
    if (args === null) return new s.Refusal(`a function_call (${name}) whose arguments nest too deeply`);
    return { type: 'function_call', ...idOf(call.id), name, arguments: args, call_id: callIdOf(call) };
  },
);

const CustomToolCall = s.changed(
  s.object({ ...CALL_IDS, status: OptionalText, name: s.orNull(NonEmpty), input: s.orNull(s.given) }),
  (call): ItemOf<'custom_tool_call'> | s.Refusal => {
    const { name, input: given } = call;
    if (name === null) return new s.Refusal('a custom_tool_call without a name');
    if (given === null) return new s.Refusal(`a custom_tool_call (${name}) without its input`);
    const input = typeof given === 'string' ? given : jsonOf(given);
    if (input === null) return new s.Refusal(`a custom_tool_call (${name}) whose input nests too deeply`);
    const call_id = callIdOf(call);
    return { type: 'custom_tool_call', ...idOf(call.id), ...statusOf(call.status), call_id, name, input };
  },
);

const OutputPart = s.changed(UserPart, (part) => (part.type === 'output_text' ? NO_PART : part));

const FunctionCallOutput = s.changed(
  s.object({ call_id: s.string, output: s.either(s.string, s.list(OutputPart)) }),
  (item): ItemOf<'function_call_output'> => ({ type: 'function_call_output', ...item }),
);

const CustomToolCallOutput = s.changed(
  s.object({ call_id: s.string, output: s.string }),
  (item): ItemOf<'custom_tool_call_output'> => ({ type: 'custom_tool_call_output', ...item }),
);

const plainMembers = (record: s.JsonRecord): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) => (typeof value === 'object' ? [] : [[name, String(value)]])),
  );

const Timeout = s.changed(s.number, (ms) => (Number.isInteger(ms) && ms >= 0 ? ms : new s.Refusal('no time')));

const ShellAction = s.object({
  type: s.withDefault(s.word('exec'), 'exec'),
  command: s.list(s.string),
  timeout_ms: s.orNull(Timeout),
  working_directory: s.orNull(s.string),
  env: s.orNull(s.changed(s.record, plainMembers)),
  user: s.orNull(s.string),
});

const LocalShellCall = s.changed(
  s.object({
    ...CALL_IDS,
    status: s.otherwise(s.words('in_progress', 'incomplete'), 'completed'),
    action: ShellAction,
  }),
  ({ status, action, ...ids }): ItemOf<'local_shell_call'> => ({
    type: 'local_shell_call',
    ...idOf(ids.id),
    call_id: callIdOf(ids),
    status,
    action,
  }),
);

const SearchAction: s.Schema<WebSearchAction> = s.variants(
  'type',
  {
    search: s.object({ type: s.word('search'), query: OptionalText, queries: s.orAbsent(s.list(s.string)) }),
    open_page: s.object({ type: s.word('open_page'), url: OptionalText }),
    find_in_page: s.object({ type: s.word('find_in_page'), url: OptionalText, pattern: OptionalText }),
  },
  s.changed(s.object({ type: s.string }), (): WebSearchAction => ({ type: 'other' })),
);

const WebSearchCall = s.changed(
  s.object({ id: OptionalText, status: OptionalText, action: s.orAbsent(SearchAction) }),
  (item): ItemOf<'web_search_call'> => ({ type: 'web_search_call', ...item }),
);

const Compaction = s.changed(
  s.object({ encrypted_content: s.string }),
  (item): ItemOf<'compaction'> => ({ type: 'compaction', ...item }),
);

/** `problem` says in words for the user what is wrong with an item that the schema refuses. */
const orSay =
  <T>(schema: s.Schema<T>, problem: string): s.Schema<T> =>
  (value) => {
    const read = schema(value);
    return read instanceof s.Refusal ? new s.Refusal(problem) : read;
  };

const ITEMS: ReadonlyMap<string, s.Schema<ResponseItem>> = new Map<string, s.Schema<ResponseItem>>([
  ['message', Message],
  ['reasoning', Reasoning],
  ['function_call', FunctionCall],
  ['function_call_output', orSay(FunctionCallOutput, 'a function_call_output without its members')],
  ['custom_tool_call', CustomToolCall],
  ['custom_tool_call_output', orSay(CustomToolCallOutput, 'a custom_tool_call_output without its members')],
  ['local_shell_call', orSay(LocalShellCall, 'a local_shell_call without a command')],
  ['web_search_call', WebSearchCall],
  ['compaction', orSay(Compaction, 'a compaction without its content')],
  ['compaction_summary', orSay(Compaction, 'a compaction_summary without its content')],
]);

const WITHOUT_TYPE = new s.Refusal('an item without a type');

/** Kinds that this version does not know become `{type: 'other'}`. */
export const SentItem: s.Schema<ResponseItem> = (value) => {
  const type = s.isRecord(value) ? typeOf(value) : null;
  if (type === null) return WITHOUT_TYPE;
  const schema = ITEMS.get(type);
  return schema === undefined ? { type: 'other' } : schema(value);
};
