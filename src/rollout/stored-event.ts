/** Values of stored events, in the spelling they share with the older protocol. Pure. */
import type { TokenUsage, TokenUsageInfo } from '../contract/engine-events.ts';
import type { CommandAction, UserInput } from '../protocol/items.ts';
import type { ParsedCommand } from '../protocol/legacy/approvals.ts';
import type {
  RateLimitSnapshot as StoredRateLimits,
  TextElement as StoredTextElement,
} from '../protocol/legacy/core.ts';
import type { TokenUsage as StoredUsage, TokenUsageInfo as StoredUsageInfo } from '../protocol/legacy/event-types.ts';
import type { RateLimitSnapshot, RateLimitWindow } from '../protocol/usage.ts';
import type { StoredEvent } from './entries.ts';

type RolledBack = StoredEvent & { readonly type: 'thread_rolled_back' };

/**
 * The marker of a rollback. Codex counts the user messages in the model's context, where a turn of ours may hold several, or
 * none: our count stands beside it where the two differ. Observed on codex app-server 0.94.0 and 0.171.0.
 */
export const rolledBackEvent = (numTurns: number, messages: number): RolledBack => ({
  type: 'thread_rolled_back',
  num_turns: messages,
  ...(messages === numTurns ? {} : { shardex_num_turns: numTurns }),
});

export const turnsRolledBack = ({ num_turns, shardex_num_turns }: RolledBack): number => shardex_num_turns ?? num_turns;

/** All text inputs joined without a separator; spans in them count bytes of the joined text. */
export function userMessageEvent(content: readonly UserInput[]): StoredEvent & { readonly type: 'user_message' } {
  let message = '';
  let messageBytes = 0;
  const images: string[] = [];
  const localImages: string[] = [];
  const elements: StoredTextElement[] = [];
  for (const input of content) {
    switch (input.type) {
      case 'image':
        images.push(input.url);
        break;
      case 'localImage':
        localImages.push(input.path);
        break;
      case 'text':
        for (const element of input.text_elements ?? []) {
          elements.push(shifted(element, messageBytes, spanOf(input.text, element.byteRange)));
        }
        message += input.text;
        messageBytes += Buffer.byteLength(input.text);
        break;
      case 'skill':
      case 'mention':
        break;
    }
  }
  return { type: 'user_message', message, images, local_images: localImages, text_elements: elements };
}

type TextElement = (UserInput & { type: 'text' })['text_elements'][number];

/** `filler` stands in for a placeholder that was not given. */
export const shifted = (
  { byteRange, placeholder }: TextElement,
  byBytes: number,
  filler: string | null = null,
): StoredTextElement => ({
  byte_range: { start: byteRange.start + byBytes, end: byteRange.end + byBytes },
  placeholder: placeholder ?? filler,
});

/** The text between two byte offsets; null when they lie outside of it or inside a character. */
function spanOf(text: string, { start, end }: TextElement['byteRange']): string | null {
  const bytes = Buffer.from(text);
  const isEdge = (at: number): boolean => at <= bytes.length && ((bytes[at] ?? 0) & 0xc0) !== 0x80;
  return start <= end && isEdge(start) && isEdge(end) ? bytes.subarray(start, end).toString() : null;
}

export const storedUsage = (info: TokenUsageInfo): StoredUsageInfo => ({
  total_token_usage: storedTokens(info.total),
  last_token_usage: storedTokens(info.last),
  model_context_window: info.contextWindow,
});

const storedTokens = (usage: TokenUsage): StoredUsage => ({
  input_tokens: usage.inputTokens,
  cached_input_tokens: usage.cachedInputTokens,
  output_tokens: usage.outputTokens,
  reasoning_output_tokens: usage.reasoningOutputTokens,
  total_tokens: usage.totalTokens,
});

/** The reverse of `storedUsage`, for values of any origin: a number that is missing counts as 0. */
export function usageFromStored(info: StoredUsageInfo): TokenUsageInfo {
  return {
    total: tokensFromStored(info.total_token_usage),
    last: tokensFromStored(info.last_token_usage),
    contextWindow: info.model_context_window ?? null,
  };
}

const tokensFromStored = (usage: Partial<StoredUsage> | undefined): TokenUsage => ({
  inputTokens: usage?.input_tokens ?? 0,
  cachedInputTokens: usage?.cached_input_tokens ?? 0,
  outputTokens: usage?.output_tokens ?? 0,
  reasoningOutputTokens: usage?.reasoning_output_tokens ?? 0,
  totalTokens: usage?.total_tokens ?? 0,
});

export const storedRateLimits = (limits: RateLimitSnapshot): StoredRateLimits => ({
  primary: storedWindow(limits.primary),
  secondary: storedWindow(limits.secondary),
  credits:
    limits.credits === null
      ? null
      : {
          has_credits: limits.credits.hasCredits,
          unlimited: limits.credits.unlimited,
          balance: limits.credits.balance,
        },
  plan_type: limits.planType,
});

const storedWindow = (window: RateLimitWindow | null): StoredRateLimits['primary'] =>
  window === null
    ? null
    : { used_percent: window.usedPercent, window_minutes: window.windowDurationMins, resets_at: window.resetsAt };

export function parsedCommandOf(action: CommandAction): ParsedCommand {
  switch (action.type) {
    case 'read':
      return { type: 'read', cmd: action.command, name: action.name, path: action.path };
    case 'listFiles':
      return { type: 'list_files', cmd: action.command, path: action.path };
    case 'search':
      return { type: 'search', cmd: action.command, query: action.query, path: action.path };
    case 'unknown':
      return { type: 'unknown', cmd: action.command };
  }
}
