/** The reply to a remote compaction. */
import type { ResponseItem } from '../protocol/response-items.ts';
import { disconnected, UpstreamError } from './errors.ts';
import { parseResponseItem } from './items.ts';
import { listOf, parseRecord } from './json.ts';

/** Reads `{"output": [item …]}`. Throws `UpstreamError` rather than lose a part of the history. */
export function compactedItems(text: string): ResponseItem[] {
  const items = listOf(parseRecord(text)?.output, parseResponseItem);
  if (items === null) throw new UpstreamError(disconnected('the compacted history could not be parsed'));
  return items;
}
