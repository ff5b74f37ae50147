/** A model service that feeds a server more than it can use, and what that costs the server. Linux only. */
import { Box, type BoxOptions, type TurnWatch, textOf } from './box.ts';
import { type ModelEvent, says } from './model-events.ts';
import { type Reply, stream } from './model-server.ts';
import { PATIENCE_MS } from './patience.ts';
import { cpuMs, peakBytes } from './processes.ts';

export const MB = 2 ** 20;

/** Events as they go over the wire, some thousand in one piece. */
export function pieces(events: readonly ModelEvent[], perPiece = 1000): Buffer[] {
  const cut = Array.from({ length: Math.ceil(events.length / perPiece) }, (_, at) =>
    events.slice(at * perPiece, (at + 1) * perPiece),
  );
  return cut.map((some) => Buffer.from(some.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')));
}

export const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

/** `count` brackets, one in the other. */
export const nested = (count: number): string => `${'['.repeat(count)}${']'.repeat(count)}`;

export interface Fed {
  readonly turn: TurnWatch;
  readonly status: string;
  /** What the turn's error says; empty without one. */
  readonly message: string;
  /** What the server's memory grew by at its most, in bytes. */
  readonly grownBytes: number;
  readonly cpuMs: number;
}

/** One turn of a fresh server with these answers. The server must go on afterwards. */
export async function feed(replies: readonly Reply[], options: BoxOptions = {}, limitMs = PATIENCE_MS): Promise<Fed> {
  await using box = await Box.open(options);
  const thread = await box.thread();
  const { pid } = box.client.server.child;
  const before = { peak: peakBytes(pid), cpu: cpuMs(pid) };
  box.model.script(...replies);
  const turn = await box.turn(thread, 'Hi');
  const { status, error } = await turn.ended(limitMs);
  await box.call('thread/loaded/list', {});
  return {
    turn,
    status,
    message: error?.message ?? '',
    grownBytes: peakBytes(pid) - before.peak,
    cpuMs: cpuMs(pid) - before.cpu,
  };
}

/** Turns that are fed side by side, each by the answers under its name; after those the model is done. */
export async function feedAll(
  answers: Readonly<Record<string, readonly Reply[]>>,
  options: BoxOptions = {},
): Promise<ReadonlyMap<string, Pick<Fed, 'turn' | 'status' | 'message'>>> {
  await using box = await Box.open(options);
  const left = new Map(Object.entries(answers).map(([name, replies]) => [name, [...replies]]));
  box.model.route('POST', '/v1/responses', ({ body }) => {
    const name = body.input.map((item) => textOf(item)).findLast((text) => left.has(text));
    return left.get(name ?? '')?.shift() ?? stream(says('done', 'the-last'));
  });
  const fed = await Promise.all(
    Object.keys(answers).map(async (name) => {
      const turn = await box.turn(await box.thread(), name);
      const { status, error } = await turn.ended();
      return [name, { turn, status, message: error?.message ?? '' }] as const;
    }),
  );
  await box.call('thread/loaded/list', {});
  return new Map(fed);
}
