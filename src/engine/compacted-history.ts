/** What is left of a history after a local compaction. Pure; the same rule rebuilds a stored thread's context. */

import { truncateMiddle } from '../exec/truncate.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import { isUserTurn } from '../rollout/user-turn.ts';
import { messageTextOf, tokensOf } from './history.ts';
import { textMessage } from './messages.ts';
import { SUMMARY_PREFIX } from './prompts/compaction.ts';

/** Observed on codex app-server 0.94.0: room for what users said, in tokens. */
const KEPT_USER_TOKENS = 20_000;

/**
 * Fresh set-up messages, then what users said (newest first until the room is full, the one that crosses is cut),
 * then the summary as a user message.
 */
export function compactedHistory(
  items: readonly ResponseItem[],
  context: readonly ResponseItem[],
  summary: string,
): ResponseItem[] {
  const texts = items.filter(isKept).map(messageTextOf);
  return [...context, ...newestThatFit(texts).map((text) => textMessage('user', text)), textMessage('user', summary)];
}

/** User messages, and the markers of interruptions; not the summaries of earlier compactions. */
function isKept(item: ResponseItem): boolean {
  if (item.type !== 'message' || item.role !== 'user') return false;
  const text = messageTextOf(item);
  if (text.startsWith(SUMMARY_PREFIX)) return false;
  return isUserTurn(item) || text.trimStart().toLowerCase().startsWith('<turn_aborted>');
}

function newestThatFit(texts: readonly string[]): string[] {
  const kept: string[] = [];
  let room = KEPT_USER_TOKENS;
  for (const text of texts.toReversed()) {
    const tokens = tokensOf(Buffer.byteLength(text));
    if (tokens <= room) kept.push(text);
    else if (room > 0) kept.push(truncateMiddle(text, { mode: 'tokens', limit: room }));
    room -= tokens;
    if (room <= 0) break;
  }
  return kept.reverse();
}
