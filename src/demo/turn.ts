/** The second half of the demo: one turn. In: a server and a workspace. Out: everything that happens, on the screen. */
import { abortable, deferred } from '../base/abort.ts';
import { isRecord, type JsonRecord } from '../base/json/schema.ts';
import type { AppServer } from './app-server.ts';
import { counted, duration, type Screen } from './screen.ts';

export interface TurnOptions {
  readonly workspace: string;
  readonly prompt: string;
  readonly sandbox: 'workspace-write' | 'danger-full-access';
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

/** What was seen of a turn. */
export interface TurnSummary {
  status: string;
  error: string | null;
  streamedLength: number;
  /** Commands that ended with exit code 0. */
  commands: number;
  /** Edits that were applied. */
  edits: number;
  diff: string;
  tokens: number;
}

/** Runs the turn to its end. Rejects when the server refuses or ends, or with the signal's reason. */
export async function turnDemo(server: AppServer, screen: Screen, options: TurnOptions): Promise<TurnSummary> {
  const { workspace, prompt, sandbox, nowMs, signal } = options;
  screen.title(`One turn in ${workspace}`);
  screen.line(`  ${screen.styled('cyan', '>')} ${prompt.replaceAll('\n', '\n    ')}`);
  screen.line();
  const { thread } = await server.request('thread/start', { cwd: workspace, approvalPolicy: 'never', sandbox }, signal);
  const threadId = isRecord(thread) ? thread.id : undefined;
  const view = new TurnView(screen);
  const ended = deferred();
  const startedMs = nowMs();
  using _listening = server.listen((method, params) => {
    if (params.threadId !== threadId) return;
    view.show(method, params);
    if (method === 'turn/completed') ended.resolve();
  });
  await server.request('turn/start', { threadId, input: [{ type: 'text', text: prompt }] }, signal);
  await abortable(Promise.race([ended.promise, server.ended]), signal);
  const { summary } = view;
  if (summary.diff !== '') {
    screen.line();
    screen.line('  What changed:');
    screen.diff(summary.diff);
  }
  screen.line();
  const facts = [counted(summary.tokens, 'token'), duration(nowMs() - startedMs), `status ${summary.status}`];
  screen.line(screen.styled('dim', `  ${facts.join(', ')}`));
  return summary;
}

/** Shows a turn's notifications as they come, and keeps count. */
class TurnView {
  readonly summary: TurnSummary = {
    status: 'unfinished',
    error: null,
    streamedLength: 0,
    commands: 0,
    edits: 0,
    diff: '',
    tokens: 0,
  };
  readonly #screen: Screen;

  /** Output whose line is not complete yet. */
  #partial = '';

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(method: string, params: JsonRecord): void {
    const { delta, item, turn, error, diff, tokenUsage } = params;
    switch (method) {
      case 'item/agentMessage/delta':
        this.summary.streamedLength += String(delta).length;
        this.#screen.piece(String(delta));
        break;
      case 'item/started':
        if (isRecord(item)) this.#started(item);
        break;
      case 'item/completed':
        if (isRecord(item)) this.#completed(item);
        break;
      case 'item/commandExecution/outputDelta':
        this.#output(String(delta));
        break;
      case 'turn/diff/updated':
        this.summary.diff = String(diff);
        break;
      case 'thread/tokenUsage/updated':
        this.summary.tokens = totalOf(tokenUsage);
        break;
      case 'error':
        if (isRecord(error)) this.#screen.line(this.#screen.styled('yellow', `  ${String(error.message)}`));
        break;
      case 'turn/completed':
        if (isRecord(turn)) this.#ended(turn);
        break;
    }
  }

  #output(text: string): void {
    const all = this.#partial + text;
    const end = all.lastIndexOf('\n') + 1;
    if (end > 0) this.#screen.block(all.slice(0, end));
    this.#partial = all.slice(end);
  }

  #started(item: JsonRecord): void {
    if (item.type === 'commandExecution') this.#screen.line(this.#screen.styled('bold', `  $ ${String(item.command)}`));
    if (item.type === 'fileChange') this.#screen.line(this.#screen.styled('bold', `  ± ${changedPaths(item.changes)}`));
  }

  #completed(item: JsonRecord): void {
    if (item.type !== 'commandExecution' && item.type !== 'fileChange') return;
    if (this.#partial !== '') this.#output('\n');
    const good = item.status === 'completed';
    if (good && item.type === 'fileChange') this.summary.edits += 1;
    if (good && item.exitCode === 0) this.summary.commands += 1;
    const exit = typeof item.exitCode === 'number' ? `, exit code ${item.exitCode}` : '';
    const time = typeof item.durationMs === 'number' ? `, ${duration(item.durationMs)}` : '';
    this.#screen.line(this.#screen.styled(good ? 'green' : 'red', `    ${String(item.status)}${exit}${time}`));
  }

  #ended(turn: JsonRecord): void {
    this.summary.status = String(turn.status);
    if (isRecord(turn.error)) this.summary.error = String(turn.error.message);
  }
}

const totalOf = (usage: unknown): number => {
  const total = isRecord(usage) && isRecord(usage.total) ? usage.total.totalTokens : 0;
  return typeof total === 'number' ? total : 0;
};

const changedPaths = (changes: unknown): string =>
  Array.isArray(changes) ? changes.map((change) => (isRecord(change) ? String(change.path) : '')).join(', ') : '';
