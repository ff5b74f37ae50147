/** The items of a model conversation as they go upstream and into stored threads. */
import * as t from './schema/types.ts';

/** One part of a message. */
export const ContentItem = t.tagged('ContentItem', 'type', {
  input_text: { text: t.string },
  input_image: {
    /** A web address or a data URL. */
    image_url: t.string,
  },
  output_text: { text: t.string },
});
export type ContentItem = t.Infer<typeof ContentItem>;

/** One part of a call's output. */
export const FunctionCallOutputContentItem = t.tagged('FunctionCallOutputContentItem', 'type', {
  input_text: { text: t.string },
  input_image: {
    /** A web address or a data URL. */
    image_url: t.string,
  },
});
export type FunctionCallOutputContentItem = t.Infer<typeof FunctionCallOutputContentItem>;

/** The output of a call as the published schema has it. */
export const FunctionCallOutputPayload = t.struct('FunctionCallOutputPayload', {
  content: t.string,
  content_items: t.orNull(t.list(FunctionCallOutputContentItem)),
  success: t.orNull(t.boolean),
});
export type FunctionCallOutputPayload = t.Infer<typeof FunctionCallOutputPayload>;

/** The output of a call on the wire and in stored threads: text, or a list of parts. */
export const FunctionCallOutput = t.oneOfTypes('FunctionCallOutputPayloadSerde', [
  t.string,
  t.list(FunctionCallOutputContentItem),
]);
export type FunctionCallOutput = t.Infer<typeof FunctionCallOutput>;

/** A commit that keeps the work tree as it was before a turn. */
export const GhostCommit = t.struct('GhostCommit', {
  id: t.string,
  parent: t.orNull(t.string),
  preexisting_untracked_files: t.list(t.path),
  preexisting_untracked_dirs: t.list(t.path),
});
export type GhostCommit = t.Infer<typeof GhostCommit>;

/** How far a local shell call has come. */
export const LocalShellStatus = t.words('LocalShellStatus', ['completed', 'in_progress', 'incomplete']);
export type LocalShellStatus = t.Infer<typeof LocalShellStatus>;

/** The command of a local shell call. */
export const LocalShellExecAction = t.struct('LocalShellExecAction', {
  command: t.list(t.string),
  timeout_ms: t.orNull(t.uint64),
  working_directory: t.orNull(t.string),
  env: t.orNull(t.mapOf(t.string)),
  user: t.orNull(t.string),
});
export type LocalShellExecAction = t.Infer<typeof LocalShellExecAction>;

/** What a local shell call does. */
export const LocalShellAction = t.tagged('LocalShellAction', 'type', { exec: LocalShellExecAction });
export type LocalShellAction = t.Infer<typeof LocalShellAction>;

/** One part of the model's reasoning. */
export const ReasoningItemContent = t.tagged('ReasoningItemContent', 'type', {
  reasoning_text: { text: t.string },
  text: { text: t.string },
});
export type ReasoningItemContent = t.Infer<typeof ReasoningItemContent>;

/** One part of the summary of the model's reasoning. */
export const ReasoningItemReasoningSummary = t.tagged('ReasoningItemReasoningSummary', 'type', {
  summary_text: { text: t.string },
});
export type ReasoningItemReasoningSummary = t.Infer<typeof ReasoningItemReasoningSummary>;

/** What a web search does. */
export const WebSearchAction = t.tagged(
  'core/WebSearchAction',
  'type',
  {
    search: { query: t.omitted(t.string), queries: t.omitted(t.list(t.string)) },
    open_page: { url: t.omitted(t.string) },
    find_in_page: { url: t.omitted(t.string), pattern: t.omitted(t.string) },
    other: {},
  },
  { fallback: 'other' },
);
export type WebSearchAction = t.Infer<typeof WebSearchAction>;

/** One item of the conversation with the model service. */
export const ResponseItem = t.tagged(
  'ResponseItem',
  'type',
  {
    message: {
      id: t.writeOnly(t.omitted(t.string)),
      /** `user`, `assistant`, `developer` or `system`. */
      role: t.string,
      content: t.list(ContentItem),
      /** Whether the model says that its turn ends here. */
      end_turn: t.omitted(t.boolean),
    },
    reasoning: {
      id: t.published({ required: true }, t.writeOnly(t.omitted(t.string))),
      summary: t.list(ReasoningItemReasoningSummary),
      content: t.omitted(t.list(ReasoningItemContent)),
      encrypted_content: t.orNull(t.string),
    },
    local_shell_call: {
      id: t.writeOnly(t.omitted(t.string)),
      call_id: t.orNull(t.string),
      status: LocalShellStatus,
      action: LocalShellAction,
    },
    function_call: {
      id: t.writeOnly(t.omitted(t.string)),
      name: t.string,
      /** JSON as text. */
      arguments: t.string,
      call_id: t.string,
    },
    function_call_output: {
      id: t.addition(t.opt(t.string)),
      call_id: t.string,
      output: t.published({ definition: FunctionCallOutputPayload }, FunctionCallOutput),
    },
    custom_tool_call: {
      id: t.writeOnly(t.omitted(t.string)),
      status: t.omitted(t.string),
      call_id: t.string,
      name: t.string,
      input: t.string,
    },
    custom_tool_call_output: { id: t.addition(t.opt(t.string)), call_id: t.string, output: t.string },
    web_search_call: {
      id: t.writeOnly(t.omitted(t.string)),
      status: t.omitted(t.string),
      action: t.omitted(WebSearchAction),
    },
    ghost_snapshot: { id: t.addition(t.opt(t.string)), ghost_commit: GhostCommit },
    compaction: {
      id: t.addition(t.opt(t.string)),
      /** A summary of earlier items that only the model service can read. */
      encrypted_content: t.string,
    },
    other: {},
  },
  { fallback: 'other', aliases: { compaction_summary: 'compaction' } },
);
export type ResponseItem = t.Infer<typeof ResponseItem>;
