/** Token usage and rate limits of one thread, as they accumulate. */
import type { EngineEvent, TokenUsage, TokenUsageInfo } from '../contract/engine-events.ts';
import type { RateLimitSnapshot } from '../protocol/usage.ts';
import { mergeRateLimits } from '../upstream/rate-limits.ts';

const NONE: TokenUsage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
  totalTokens: 0,
};

const onlyTotal = (totalTokens: number): TokenUsage => ({ ...NONE, totalTokens });

/** Clients read whole numbers; a service may count as far as those go. */
const plus = (a: number, b: number): number => Math.min(a + b, Number.MAX_SAFE_INTEGER);

const sum = (a: TokenUsage, b: TokenUsage): TokenUsage => ({
  inputTokens: plus(a.inputTokens, b.inputTokens),
  cachedInputTokens: plus(a.cachedInputTokens, b.cachedInputTokens),
  outputTokens: plus(a.outputTokens, b.outputTokens),
  reasoningOutputTokens: plus(a.reasoningOutputTokens, b.reasoningOutputTokens),
  totalTokens: plus(a.totalTokens, b.totalTokens),
});

/** What `fill` leaves in a stored thread. */
const isFilled = (total: TokenUsage, contextWindow: number): boolean =>
  total.totalTokens === contextWindow && total.inputTokens === 0 && total.outputTokens === 0;

export class Usage {
  #info: TokenUsageInfo | null;
  #limits: RateLimitSnapshot | null = null;
  #isFull: boolean;

  /** `seed`: what a stored thread had used when it was left. */
  constructor(seed: TokenUsageInfo | null) {
    this.#info = seed;
    this.#isFull = seed !== null && seed.contextWindow !== null && isFilled(seed.total, seed.contextWindow);
  }

  get info(): TokenUsageInfo | null {
    return this.#info;
  }

  /** The last request was refused because it did not fit the model's window, and nothing has made room since. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get rateLimits(): RateLimitSnapshot | null {
    return this.#limits;
  }

  /** Tokens of the newest request: what the next one will at least hold. */
  get lastTotalTokens(): number {
    return this.#info?.last.totalTokens ?? 0;
  }

  /** What clients are told of it, as an event of this turn. */
  report(turnId: string): EngineEvent & { readonly kind: 'tokenCount' } {
    return { kind: 'tokenCount', turnId, usage: this.#info, rateLimits: this.#limits };
  }

  /** A response reported its usage. The window a client sees is the one of the first report. */
  record(usage: TokenUsage, contextWindow: number | null): void {
    this.#isFull = false;
    this.#info =
      this.#info === null
        ? { total: usage, last: usage, contextWindow }
        : { ...this.#info, total: sum(this.#info.total, usage), last: usage };
  }

  /** Upstream said that the window is full: shown as such where its size is known. */
  fill(contextWindow: number | null): void {
    this.#isFull = true;
    if (contextWindow === null) return;
    const before = this.#info?.total.totalTokens ?? 0;
    this.#info = {
      total: onlyTotal(contextWindow),
      last: onlyTotal(Math.max(contextWindow - before, 0)),
      contextWindow,
    };
  }

  /** The history was replaced: all that is known of its size is an estimate. */
  estimate(totalTokens: number, contextWindow: number | null): void {
    this.#isFull = false;
    this.#info = {
      total: this.#info?.total ?? NONE,
      last: onlyTotal(totalTokens),
      contextWindow: this.#info === null ? contextWindow : this.#info.contextWindow,
    };
  }

  limit(snapshot: RateLimitSnapshot): void {
    this.#limits = mergeRateLimits(this.#limits, snapshot);
  }
}
