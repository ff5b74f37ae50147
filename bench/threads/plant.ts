/** Stored threads to be listed: short ones, spread over days, with heads as long as those of real ones. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PER_DAY = 40;
const FIRST_DAY_MS = Date.UTC(2022, 0, 1);
const DAY_MS = 86_400_000;
/** Of the prompt that every head repeats, and of the instructions of a project. */
const PROMPT = 'You write and change programs for people who ask you to. '.repeat(200);
const INSTRUCTIONS = 'Keep functions short and name things for what they are. '.repeat(40);

/** Writes `count` rollouts below `home`, each with one turn; the last change of each is that of its name. */
export function plantRollouts(home: string, count: number): void {
  for (let index = 0; index < count; index += 1) plantRollout(home, index);
}

function plantRollout(home: string, index: number): void {
  const timeMs = FIRST_DAY_MS + Math.floor(index / PER_DAY) * DAY_MS + (index % PER_DAY) * 1_000_000;
  const time = new Date(timeMs).toISOString();
  const id = `01900000-0000-7000-8000-${String(index).padStart(12, '0')}`;
  const name = `rollout-${time.slice(0, 19).replaceAll(':', '-')}-${id}.jsonl`;
  const path = join(home, 'sessions', ...time.slice(0, 10).split('-'), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, linesOf(id, time, `Please look into request number ${index} of this project`));
  utimesSync(path, timeMs / 1000, timeMs / 1000);
}

function linesOf(id: string, time: string, text: string): string {
  const user = (words: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text: words }] });
  const head = { id, timestamp: time, cwd: '/project', originator: 'bench', cli_version: '0.94.0', source: 'vscode' };
  const lines: readonly (readonly [string, object])[] = [
    ['session_meta', { ...head, model_provider: 'bench', base_instructions: { text: PROMPT } }],
    ['response_item', user(`# AGENTS.md instructions for /project\n\n${INSTRUCTIONS}`)],
    ['response_item', user('<environment_context>\n  <cwd>/project</cwd>\n</environment_context>')],
    ['response_item', user(text)],
    ['event_msg', { type: 'user_message', message: text, images: null, local_images: [], text_elements: [] }],
    ['event_msg', { type: 'agent_message', message: 'I have looked into it.' }],
    [
      'response_item',
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I have looked into it.' }] },
    ],
  ];
  return lines.map(([type, payload]) => `${JSON.stringify({ timestamp: time, type, payload })}\n`).join('');
}
