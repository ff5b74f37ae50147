/** Files written by codex app-server 0.94.0, some shortened or made by hand, and what that server answers about each. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Thread } from '../../src/protocol/threads.ts';
import type { RolloutEntry, ShardexLine, StoredEvent } from '../../src/rollout/format.ts';

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
