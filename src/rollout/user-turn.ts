/** Which messages of a history a person wrote. Shared by the engine, the preview and the rebuilding of contexts. */
import type { ResponseItem } from '../protocol/response-items.ts';

/** Texts that the server puts into the user's mouth, trimmed and in any case. Observed on codex app-server 0.94.0. */
const WRAPPED = ['<environment_context>', '<turn_aborted>', '<user_shell_command>'];
/** The same for messages of a single part. */
const WHOLE_MESSAGES = ['# AGENTS.md instructions for ', '<user_instructions>', '<skill'];
const LONGEST_WRAPPER = Math.max(...WRAPPED.map(({ length }) => length));

export type MessageItem = ResponseItem & { readonly type: 'message' };

/** Whether an item is a message that a user sent, and not one of the server's own in the user's role. */
export function isUserTurn(item: ResponseItem): item is MessageItem {
  if (item.type !== 'message' || item.role !== 'user') return false;
  const texts = item.content.map((part) => (part.type === 'input_text' ? part.text : null));
  const [only] = texts;
  if (texts.length === 1 && typeof only === 'string' && WHOLE_MESSAGES.some((start) => only.startsWith(start))) {
    return false;
  }
  return !texts.some((text) => text !== null && isWrapped(text));
}

const isWrapped = (text: string): boolean => WRAPPED.some((wrapper) => startsWith(text, wrapper));

const startsWith = (text: string, wrapper: string): boolean =>
  text.trimStart().slice(0, LONGEST_WRAPPER).toLowerCase().startsWith(wrapper);
