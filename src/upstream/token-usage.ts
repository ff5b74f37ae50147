/** What a response used, as services of both dialects tell it. Pure. */
import * as s from '../base/json/schema.ts';
import type { TokenUsage } from '../contract/engine-events.ts';

/** A count in an object of details; 0 where it is not told. */
const detail = <const N extends string>(name: N): s.Schema<number> =>
  s.otherwise(
    s.changed(s.record, (details) => s.count(details[name])),
    0,
  );

/** Refused unless input and output are told; the parts default to 0, the total to their sum. */
export const ResponsesUsage = s.changed(
  s.object({
    input_tokens: s.count,
    output_tokens: s.count,
    input_tokens_details: detail('cached_tokens'),
    output_tokens_details: detail('reasoning_tokens'),
    total_tokens: s.orNull(s.count),
  }),
  ({ input_tokens: inputTokens, output_tokens: outputTokens, ...told }): TokenUsage => ({
    inputTokens,
    cachedInputTokens: told.input_tokens_details,
    outputTokens,
    reasoningOutputTokens: told.output_tokens_details,
    totalTokens: told.total_tokens ?? inputTokens + outputTokens,
  }),
);

/** The same from Chat Completions. */
export const ChatUsage = s.changed(
  s.object({
    prompt_tokens: s.count,
    completion_tokens: s.count,
    prompt_tokens_details: detail('cached_tokens'),
    completion_tokens_details: detail('reasoning_tokens'),
    total_tokens: s.orNull(s.count),
  }),
  ({ prompt_tokens: inputTokens, completion_tokens: outputTokens, ...told }): TokenUsage => ({
    inputTokens,
    cachedInputTokens: told.prompt_tokens_details,
    outputTokens,
    reasoningOutputTokens: told.completion_tokens_details,
    totalTokens: told.total_tokens ?? inputTokens + outputTokens,
  }),
);
