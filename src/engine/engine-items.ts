/** An upstream item as clients see it; null for items that are not shown as such. Pure but for the ids it asks for. */

import type { EngineItem } from '../contract/engine-events.ts';
import type { ResponseItem, WebSearchAction } from '../protocol/response-items.ts';

/**
 * `claimId` makes an upstream id unique within the thread; `newId` serves items that upstream gave none.
 */
export function engineItemOf(
  item: ResponseItem,
  claimId: (id: string) => string,
  newId: () => string,
): EngineItem | null {
  const id = (given: string | null | undefined): string =>
    given === undefined || given === null || given === '' ? newId() : claimId(given);
  switch (item.type) {
    case 'message':
      return messageItem(item, id);
    case 'reasoning':
      return {
        type: 'reasoning',
        id: id(item.id),
        summary: item.summary.map(({ text }) => text),
        content: (item.content ?? []).map(({ text }) => text),
      };
    case 'web_search_call': {
      const action: WebSearchAction = item.action ?? { type: 'other' };
      return { type: 'webSearch', id: id(item.id), query: webSearchQuery(action), action };
    }
    case 'function_call':
    case 'function_call_output':
    case 'custom_tool_call':
    case 'custom_tool_call_output':
    case 'local_shell_call':
    case 'compaction':
    case 'ghost_snapshot':
    case 'other':
      return null;
  }
}

function messageItem(
  item: ResponseItem & { type: 'message' },
  id: (given: string | null | undefined) => string,
): EngineItem | null {
  const parts = item.content.flatMap((part) => (part.type === 'input_image' ? [] : [part.text]));
  const text = parts.join('');
  if (item.role === 'assistant') {
    const whole = parts.length === 1 && text !== '';
    return { type: 'agentMessage', id: id(item.id), text, ...(whole ? {} : { parts }) };
  }
  if (item.role !== 'user') return null;
  return { type: 'userMessage', id: id(null), content: [{ type: 'text', text, text_elements: [] }] };
}

/** One line that says what was looked for. */
function webSearchQuery(action: WebSearchAction): string {
  switch (action.type) {
    case 'search': {
      const [first] = action.queries ?? [];
      if (typeof action.query === 'string' && action.query !== '') return action.query;
      if (first === undefined) return '';
      return (action.queries ?? []).length > 1 ? `${first} ...` : first;
    }
    case 'open_page':
      return action.url ?? '';
    case 'find_in_page':
      return `'${action.pattern ?? ''}' in ${action.url ?? ''}`;
    case 'other':
      return '';
  }
}
