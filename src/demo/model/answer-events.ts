/** Streams an answer the way the real API does. In: what to answer. Out: events in order, usage estimated from lengths. */
import type { Answer } from './plan.ts';

export type AnswerEvent = Readonly<Record<string, unknown>> & { readonly type: string };

export interface AnswerNames {
  readonly responseId: string;
  readonly messageId: string;
  readonly callId: string;
  readonly model: string;
  /** Length of the request in characters. */
  readonly inputLength: number;
}

/** Four characters to a token: enough for a counter that moves. */
const tokensOf = (length: number): number => Math.ceil(length / 4);

export function* answerEvents(answer: Answer, names: AnswerNames): Generator<AnswerEvent> {
  const response = { id: names.responseId, object: 'response', model: names.model };
  let sequence = 0;
  const event = (type: string, fields: object): AnswerEvent => ({ type, sequence_number: sequence++, ...fields });
  yield event('response.created', { response: { ...response, status: 'in_progress' } });
  let outputIndex = 0;
  if (answer.words !== '') {
    yield* messageEvents(answer.words, names.messageId, event);
    outputIndex += 1;
  }
  let outputLength = answer.words.length;
  if (answer.kind === 'call') {
    const item = { ...answer.call, id: `item_${names.callId}`, call_id: names.callId };
    outputLength += JSON.stringify(item).length;
    yield event('response.output_item.added', { output_index: outputIndex, item });
    yield event('response.output_item.done', { output_index: outputIndex, item });
  }
  const input = tokensOf(names.inputLength);
  const output = tokensOf(outputLength);
  const usage = {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
  yield event('response.completed', { response: { ...response, status: 'completed', usage } });
}

function* messageEvents(
  text: string,
  id: string,
  event: (type: string, fields: object) => AnswerEvent,
): Generator<AnswerEvent> {
  const item = { type: 'message', id, role: 'assistant' };
  const place = { item_id: id, output_index: 0, content_index: 0 };
  yield event('response.output_item.added', { output_index: 0, item: { ...item, status: 'in_progress', content: [] } });
  yield event('response.content_part.added', { ...place, part: { type: 'output_text', text: '' } });
  for (const delta of piecesOf(text)) yield event('response.output_text.delta', { ...place, delta });
  yield event('response.output_text.done', { ...place, text });
  const content = [{ type: 'output_text', text, annotations: [] }];
  yield event('response.output_item.done', { output_index: 0, item: { ...item, status: 'completed', content } });
}

/** Words with the space behind them; a long run without spaces is cut, never inside a character. */
export const piecesOf = (text: string): string[] => text.match(/\S{1,24}\s*|\s+/gu) ?? [];
