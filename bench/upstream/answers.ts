/** What the mock upstream streams: one message of so many text deltas, as server-sent events. Pure. */

const MARK = '[[deltas ';

/** What a user says to get an answer of `count` deltas. */
export const promptFor = (count: number): string => `${MARK}${count}]]`;

/** How many deltas the newest prompt in a request asks for; 1 when none does. */
export function wantedDeltas(body: Buffer): number {
  const at = body.lastIndexOf(MARK);
  if (at === -1) return 1;
  const digits = /^\d+/.exec(body.toString('latin1', at + MARK.length, at + MARK.length + 12))?.[0];
  return digits === undefined ? 1 : Number(digits);
}

const DELTA = 'word ';

/** The whole body; `id` is new for every answer. */
export function answerText(id: string, deltas: number): string {
  const item = { type: 'message', role: 'assistant', id: `msg_${id}` };
  const place = { item_id: item.id, output_index: 0, content_index: 0 };
  const delta = frame({ type: 'response.output_text.delta', ...place, delta: DELTA });
  const text = DELTA.repeat(deltas);
  const usage = { input_tokens: 100, output_tokens: deltas, total_tokens: 100 + deltas };
  return [
    frame({ type: 'response.created', response: { id: `resp_${id}` } }),
    frame({ type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } }),
    delta.repeat(deltas),
    frame({
      type: 'response.output_item.done',
      output_index: 0,
      item: { ...item, content: [{ type: 'output_text', text }] },
    }),
    frame({
      type: 'response.completed',
      response: {
        id: `resp_${id}`,
        usage: { ...usage, input_tokens_details: null, output_tokens_details: null },
      },
    }),
  ].join('');
}

const frame = (event: { readonly type: string; readonly [member: string]: unknown }): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
