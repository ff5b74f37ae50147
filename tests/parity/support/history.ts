/** Turns as they are read back, reduced to what the reference stores: ours keeps every item, status, error and id. */
import type { Loose } from './session.ts';

const NEVER_STORED = new Set([
  'commandExecution',
  'fileChange',
  'mcpToolCall',
  'webSearch',
  'imageView',
  'contextCompaction',
]);

export const storedTurns = (turns: readonly Loose[]): Loose[] =>
  turns.map(storedTurn).filter(({ items }) => items.length > 0);

function storedTurn({ status, error, items }: Loose): Loose {
  const shown: Loose[] = [];
  for (const { id: _id, ...item } of items) {
    const previous = shown.at(-1);
    if (NEVER_STORED.has(item.type) || (item.type === 'agentMessage' && item.text === '')) continue;
    if (item.type === 'reasoning') {
      const { content: _raw, ...kept } = item;
      if (kept.summary.length === 0) continue;
      if (previous?.type === 'reasoning') previous.summary = [...previous.summary, ...kept.summary];
      else shown.push(kept);
    } else shown.push(item.type === 'userMessage' ? { ...item, content: flatInput(item.content) } : item);
  }
  return { items: shown, ...(status === 'interrupted' ? { status, error } : {}) };
}

/** The reference stores one text, then the images, and forgets how they stood. */
function flatInput(content: readonly Loose[]): Loose[] {
  const texts = content.filter(({ type }) => type === 'text');
  const text = texts.map((part) => part.text).join('');
  let offset = 0;
  const elements = texts.flatMap(({ text: own, text_elements: marked = [] }) => {
    const start = offset;
    offset += Buffer.byteLength(own);
    return marked.map(({ byteRange, placeholder }: Loose) => ({
      byteRange: { start: byteRange.start + start, end: byteRange.end + start },
      placeholder: placeholder ?? Buffer.from(own).subarray(byteRange.start, byteRange.end).toString(),
    }));
  });
  return [
    ...(text.trim() === '' ? [] : [{ type: 'text', text, text_elements: elements }]),
    ...content.filter(({ type }) => type === 'image'),
    ...content.filter(({ type }) => type === 'localImage'),
  ];
}
