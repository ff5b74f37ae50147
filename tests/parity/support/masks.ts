/** What conversations hide before their blocks are compared: texts that are worded anew, and what luck decides. */
import type { Block } from './normal.ts';
import type { Loose } from './session.ts';

export type Mask = (block: Block) => Block | null;

/** A block with every value inside it changed. */
export function rewritten(block: Block, change: (value: Loose) => Loose): Block {
  const text = JSON.stringify(block.value, (_key, value) => change(value));
  return { ...block, value: text === undefined ? null : JSON.parse(text) };
}

/** Hides whole texts that fit. */
export const hideTexts =
  (pattern: RegExp): Mask =>
  (block) =>
    rewritten(block, (value) => (typeof value === 'string' && pattern.test(value) ? '<worded>' : value));

/** An interrupted turn may or may not get to store its settings once more. */
export const dropTurnContexts: Mask = (block) => (block.title.startsWith('turn_context') ? null : block);

/** Whether a response's usage is counted before the turn that it belongs to is ended from outside is luck. */
export const dropUsage: Mask = (block) => (/^usage of | usage$|^account\/rateLimits/.test(block.lane) ? null : block);

/** One mask behind the other. */
export const both =
  (first: Mask, second: Mask): Mask =>
  (block) => {
    const left = first(block);
    return left === null ? null : second(left);
  };

/** After a compaction or a rollback a server estimates the context from the length of its own prompts. */
export function hideEstimates(block: Block): Block {
  return rewritten(block, (value) => {
    if (typeof value === 'string' && /\nMARK-\S*summary$/.test(value)) return value.replace(/^[^\n]*/, '<prose>');
    if (value?.input_tokens === 0 && value.total_tokens > 0) return { ...value, total_tokens: '<estimate>' };
    if (value?.inputTokens === 0 && value.totalTokens > 0) return { ...value, totalTokens: '<estimate>' };
    return value;
  });
}
