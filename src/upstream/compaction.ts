/** The reply to a remote compaction. */
import * as s from '../base/json/schema.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import { failure, serviceFailure, UpstreamError } from './errors.ts';
import { SentItem } from './items.ts';
import { recordIn } from './json-text.ts';
import { serviceErrorOf } from './service-errors.ts';

/**
 * Parses `{"output": [item …]}`. Throws `UpstreamError` rather than lose a part of the history: for an unreadable
 * item, and for a list without usable content.
 */
export function compactedItems(text: string): ResponseItem[] {
  const reply = recordIn(text);
  const error = serviceErrorOf(reply?.error);
  if (error !== null) throw new UpstreamError(serviceFailure(error, 'the model service reports an error'));
  const items = s.readOrNull(s.list(SentItem), reply?.output);
  if (items === null) throw unusable('the compacted history could not be parsed');
  if (!items.some(holdsSomething)) throw unusable('the compacted history is empty');
  return items;
}

const unusable = (message: string): UpstreamError =>
  new UpstreamError(failure({ message, retryable: true, reason: 'emptySummary' }));

/** Whether the model can use it: text, an image, or an encrypted summary. */
function holdsSomething(item: ResponseItem): boolean {
  if (item.type === 'compaction') return item.encrypted_content.trim() !== '';
  return (
    item.type === 'message' &&
    item.role !== 'system' &&
    item.content.some((part) => part.type === 'input_image' || part.text.trim() !== '')
  );
}
