/** Stored history items: the members that each type needs are checked, the rest stays as it is. Types that nobody knows are `other`. */
import * as s from '../base/json/schema.ts';
import type { GhostCommit, ResponseItem as Item, WebSearchAction } from '../protocol/response-items.ts';

type ItemOf<K extends Item['type']> = Item & { readonly type: K };

const text = <const T extends string>(...types: readonly T[]) => s.open({ type: s.words(...types), text: s.string });
const InputText = text('input_text');
const InputImage = s.open({ type: s.word('input_image'), image_url: s.string });

const UNKNOWN_PART = '[a part of a kind that is not known here was left out]';
const IMAGE_PART = '[an image was left out]';

/** Parts that cannot be sent on as they are become texts. */
const parts = <P, const T extends string>(part: s.Schema<P>, type: T) =>
  s.list(s.otherwise(part, { type, text: UNKNOWN_PART }));

const MessagePart = s.either(text('input_text', 'output_text'), InputImage);

/** A message does not lose what else it says; `type` is that of a text in it. */
const message = <const T extends 'input_text' | 'output_text'>(type: T) =>
  s.open({
    type: s.word('message'),
    role: s.string,
    content: s.either(
      s.changed(s.string, (content) => [{ type, text: content }]),
      parts(MessagePart, type),
    ),
  });

const OutputParts = parts(s.either(InputText, InputImage), 'input_text');
const Spelt = s.changed(s.anything, (output) => JSON.stringify(output ?? null));

const joined = s.changed(OutputParts, (list) =>
  list.map((part) => ('text' in part && typeof part.text === 'string' ? part.text : IMAGE_PART)).join('\n'),
);

/** A call never loses its output. */
const output = <P>(list: s.Schema<P>) => s.either(s.string, s.either(list, Spelt));

export const ResponseItem: s.Schema<Item> = s.variants(
  'type',
  {
    message: s.variants('role', { assistant: message('output_text') }, message('input_text')),
    reasoning: s.believed<ItemOf<'reasoning'>>()(
      s.open({
        type: s.word('reasoning'),
        summary: s.list(text('summary_text')),
        content: s.nullish(s.list(text('reasoning_text', 'text'))),
        encrypted_content: s.nullish(s.string),
      }),
    ),
    local_shell_call: s.believed<ItemOf<'local_shell_call'>>()(
      s.open({
        type: s.word('local_shell_call'),
        status: s.string,
        action: s.open({ type: s.word('exec'), command: s.list(s.string) }),
      }),
    ),
    function_call: s.open({
      type: s.word('function_call'),
      name: s.string,
      arguments: s.string,
      call_id: s.string,
    }),
    function_call_output: s.open({
      type: s.word('function_call_output'),
      call_id: s.string,
      output: output(OutputParts),
    }),
    custom_tool_call: s.open({
      type: s.word('custom_tool_call'),
      call_id: s.string,
      name: s.string,
      input: s.string,
    }),
    custom_tool_call_output: s.open({
      type: s.word('custom_tool_call_output'),
      call_id: s.string,
      output: output(joined),
    }),
    web_search_call: s.open({
      type: s.word('web_search_call'),
      status: s.nullish(s.string),
      action: s.nullish(s.believed<WebSearchAction>()(s.record)),
    }),
    ghost_snapshot: s.open({
      type: s.word('ghost_snapshot'),
      ghost_commit: s.believed<GhostCommit>()(s.record),
    }),
    compaction: s.open({ type: s.word('compaction'), encrypted_content: s.string }),
    compaction_summary: s.changed(
      s.open({ type: s.word('compaction_summary'), encrypted_content: s.string }),
      (item): ItemOf<'compaction'> => ({ ...item, type: 'compaction' }),
    ),
  },
  s.changed(s.object({ type: s.string }), (): ItemOf<'other'> => ({ type: 'other' })),
);
