/**
 * Requests newer tokens from the client that owns them. In: the account of the old ones. Out: tokens, or an error.
 */
import { AppError } from '../base/errors.ts';
import { timerMs } from '../base/timers.ts';
import { ChatgptAuthTokensRefreshResponse } from '../protocol/approvals.ts';
import type { Asked } from '../protocol/outbound.ts';
import { decode } from '../protocol/schema/issues.ts';
import { redactSecrets } from '../upstream/secrets.ts';
import { type ExternalLogin, externalLogin, formatWorkspace, type Restrictions, refused } from './logins.ts';

/** A client's response to a server request. */
type RefreshResponse =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'error' | 'malformed' }
  | { readonly kind: 'closed' };

export interface ExternalRefreshParts {
  /** Never rejects; `closed` if the client is gone or the signal is aborted. */
  readonly request: (asked: Asked, signal: AbortSignal) => Promise<RefreshResponse>;
  readonly restrictions: Restrictions;
  /** Time limit for the client; ten seconds by default. */
  readonly limitMs?: number;
}

/** Observed on codex app-server 0.94.0. */
const LIMIT_MS = 10_000;

const failed = (message: string): AppError => new AppError('upstream-failed', message);

export class ExternalRefresh {
  readonly #parts: ExternalRefreshParts;

  constructor(parts: ExternalRefreshParts) {
    this.#parts = parts;
  }

  /** Rejects with AppError. Messages never quote what the client sent. */
  async renew(login: ExternalLogin, signal: AbortSignal): Promise<ExternalLogin> {
    const value = await this.#request(login.claims.accountId, signal);
    const decoded = decode(ChatgptAuthTokensRefreshResponse, value);
    if (!decoded.ok) throw failed(redactSecrets(decoded.message, textsIn(value)));
    const renewed = externalLogin(decoded.value);
    const wanted = this.#parts.restrictions.forcedWorkspaceId;
    if (wanted === null || renewed.claims.accountId === wanted) return renewed;
    const received = formatWorkspace(renewed.claims.accountId);
    throw refused(`external auth refresh returned workspace ${received}, expected ${JSON.stringify(wanted)}`);
  }

  async #request(previousAccountId: string | null, signal: AbortSignal): Promise<unknown> {
    const { request, limitMs = LIMIT_MS } = this.#parts;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timerMs(limitMs));
    try {
      const params = { reason: 'unauthorized', previousAccountId } as const;
      const asked: Asked = { method: 'account/chatgptAuthTokens/refresh', params };
      const answer = await request(asked, AbortSignal.any([signal, limit.signal]));
      if (answer.kind === 'result') return answer.value;
      if (limit.signal.aborted) throw failed(`auth refresh request timed out after ${limitMs / 1000}s`);
      throw failed('auth refresh request canceled: channel closed');
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Shorter texts are not secrets, and too common to be removed from a message. */
const MIN_SECRET_LENGTH = 8;

/** The texts in a value that may be secrets, raw and JSON-escaped: a decoder quotes unexpected values. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    return value.length < MIN_SECRET_LENGTH ? [] : [value, JSON.stringify(value).slice(1, -1)];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
