/** One very long stored thread, line by line as codex app-server 0.94.0 writes a plain turn. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FIRST_MS = Date.UTC(2022, 0, 1);
const LINE_MS = 40;
const WRITTEN_AT_ONCE = 1 << 20;
const WORDS =
  'the index of a thread is kept beside its file and made again when it is found to be stale so that lists stay quick'.split(
    ' ',
  );

export interface LongRollout {
  readonly id: string;
  readonly turns: number;
  /** Length of each answer. */
  readonly answerChars: number;
}

/** Writes it below `home`; gives its size in bytes. */
export function plantLongRollout(home: string, { id, turns, answerChars }: LongRollout): number {
  const time = new Date(FIRST_MS).toISOString();
  const name = `rollout-${time.slice(0, 19).replaceAll(':', '-')}-${id}.jsonl`;
  const path = join(home, 'sessions', ...time.slice(0, 10).split('-'), name);
  mkdirSync(dirname(path), { recursive: true });
  const file = new LineFile(path);
  for (const [type, payload] of headLines(id, time)) file.add(type, payload);
  for (let turn = 0; turn < turns; turn += 1) {
    const question = textOf(turn, answerChars / 4);
    for (const [type, payload] of turnLines(question, textOf(turn + 7, answerChars))) file.add(type, payload);
  }
  return file.close();
}

type Line = readonly [type: string, payload: object];

class LineFile {
  readonly #fd: number;
  #text = '';
  #timeMs = FIRST_MS;
  #sizeBytes = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'wx');
  }

  add(type: string, payload: object): void {
    this.#timeMs += LINE_MS;
    const timestamp = new Date(this.#timeMs).toISOString();
    this.#text += `${JSON.stringify({ timestamp, type, payload })}\n`;
    if (this.#text.length >= WRITTEN_AT_ONCE) this.#flush();
  }

  close(): number {
    this.#flush();
    closeSync(this.#fd);
    return this.#sizeBytes;
  }

  #flush(): void {
    this.#sizeBytes += writeSync(this.#fd, this.#text);
    this.#text = '';
  }
}

/** Words in an order that depends on `from`, with a line break and quotes. */
function textOf(from: number, chars: number): string {
  let text = '';
  for (let at = from; text.length < chars; at += 1) text += `${WORDS[(at * (from + 3)) % WORDS.length]} `;
  return `${text.slice(0, chars)}\n"end"`;
}

const message = (role: string, type: string, text: string): Line => [
  'response_item',
  { type: 'message', role, content: [{ type, text }] },
];

const headLines = (id: string, time: string): Line[] => [
  [
    'session_meta',
    {
      ...{ id, timestamp: time, cwd: '/project', originator: 'bench', cli_version: '0.94.0', source: 'vscode' },
      ...{ model_provider: 'bench', base_instructions: { text: textOf(1, 12_000) } },
    },
  ],
  message('developer', 'input_text', textOf(2, 600)),
  message('user', 'input_text', '<environment_context>\n  <cwd>/project</cwd>\n</environment_context>'),
];

const LIMITS = { primary: null, secondary: null, credits: null, plan_type: null };
const USAGE = {
  input_tokens: 1000,
  cached_input_tokens: 0,
  output_tokens: 100,
  reasoning_output_tokens: 0,
  total_tokens: 1100,
};
const INFO = { total_token_usage: USAGE, last_token_usage: USAGE, model_context_window: 258_400 };
const SETTINGS = { model: 'bench-model', reasoning_effort: null, developer_instructions: null };
const CONTEXT = {
  cwd: '/project',
  approval_policy: 'never',
  sandbox_policy: { type: 'read-only' },
  model: 'bench-model',
  personality: 'friendly',
  collaboration_mode: { mode: 'custom', settings: SETTINGS },
  summary: 'auto',
  truncation_policy: { mode: 'bytes', limit: 10_000 },
};

const turnLines = (question: string, answer: string): Line[] => [
  message('user', 'input_text', question),
  ['event_msg', { type: 'user_message', message: question, images: [], local_images: [], text_elements: [] }],
  ['turn_context', CONTEXT],
  ['event_msg', { type: 'token_count', info: null, rate_limits: LIMITS }],
  ['event_msg', { type: 'agent_message', message: answer }],
  message('assistant', 'output_text', answer),
  ['event_msg', { type: 'token_count', info: INFO, rate_limits: LIMITS }],
];
