/** Files written by codex app-server 0.94.0, some shortened or made by hand, and what that server answers about each. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Thread } from '../../src/protocol/threads.ts';
import type { Turn } from '../../src/protocol/turns.ts';
import type { RolloutEntry, ShardexLine, StoredEvent } from '../../src/rollout/entries.ts';
import type { LineSpan } from '../../src/rollout/line-scan.ts';
import { checkRollout } from '../../src/rollout/read.ts';
import { drawTurn, type MarkLine } from '../../src/rollout/turn-marks.ts';
import { TurnReader } from '../../src/rollout/turns.ts';

/** The tests run from the repository's folder. */
export const FIXTURES = join(process.cwd(), 'tests/rollout/fixtures');

export interface ReferenceAnswer {
  readonly listed: boolean;
  readonly thread: Thread;
  readonly initialMessages: unknown[];
}

export const answers = JSON.parse(readFileSync(join(FIXTURES, 'reference-answers.json'), 'utf8')) as Record<
  string,
  ReferenceAnswer
>;

export const fixtureNames = readdirSync(FIXTURES).filter((name) => name.endsWith('.jsonl'));

export const fixtureText = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');

/** A whole file in memory. */
export async function loadRollout(path: string): Promise<RolloutEntry[]> {
  const entries: RolloutEntry[] = [];
  await checkRollout(path, (line) => {
    const entry = line.entry();
    if (entry !== null) entries.push(entry);
  });
  return entries;
}

/** The turns of a file with these lines, every one of them decoded. */
export function turnsOf(entries: readonly RolloutEntry[], runningTurnId: string | null = null): Turn[] {
  const reader = new TurnReader();
  for (const [offset, entry] of entries.entries()) reader.add(entry, { offset, sizeBytes: 0 });
  const lineOf = ({ offset }: LineSpan): MarkLine => {
    const entry = structuredClone(entries[offset]);
    if (entry?.type === 'event_msg') return { event: entry.payload, item: null };
    if (entry?.type === 'shardex' && entry.payload.type === 'item_completed') {
      return { event: null, item: entry.payload.item };
    }
    throw new Error(`line ${offset} shows in no turn`);
  };
  return reader.finish().map((turn) => drawTurn(turn, { runningTurnId, view: 'full', lineOf }));
}

/** A folder that goes away with its holder. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'rollout-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export const meta = (id = '01a20787-1e84-7dc0-9a6a-972da7571f57'): RolloutEntry => ({
  type: 'session_meta',
  payload: {
    id,
    timestamp: '2026-11-23T08:30:25.412Z',
    cwd: '/work',
    originator: 'editor',
    cli_version: '0.94.0',
    source: 'vscode',
    model_provider: 'local',
    base_instructions: { text: 'Be brief.' },
  },
});

export const event = (payload: StoredEvent): RolloutEntry => ({ type: 'event_msg', payload });
export const own = (payload: ShardexLine): RolloutEntry => ({ type: 'shardex', payload });
export const said = (role: 'user' | 'assistant' | 'developer', text: string): RolloutEntry => ({
  type: 'response_item',
  payload: {
    type: 'message',
    role,
    content: [role === 'assistant' ? { type: 'output_text', text } : { type: 'input_text', text }],
  },
});
export const userEvent = (message: string): RolloutEntry =>
  event({ type: 'user_message', message, images: [], local_images: [], text_elements: [] });
export const agentEvent = (message: string): RolloutEntry => event({ type: 'agent_message', message });
