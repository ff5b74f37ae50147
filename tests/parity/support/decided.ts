/**
 * Takes out of a transcript what ours does differently on purpose (DIFFERENCES.md), so that both sides can be compared.
 *
 * In: entries of either side, cloned by the caller. Out: the entries that are left, changed in place: turn ids become
 * `<turn N>` by order of appearance in their thread, because the reference counts them anew after each load.
 */
import type { Entry, Loose } from './session.ts';

const LOADS = new Set(['thread/start', 'thread/resume', 'thread/fork']);

export function withoutDecided(entries: readonly Entry[]): Entry[] {
  const context = new TurnNames();
  return dropSecondCompletions(entries.filter((entry) => context.keep(entry)));
}

/** Names turns, and drops what joins a running turn. */
class TurnNames {
  readonly #asked = new Map<number, Loose>();
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #loads = new Map<string, number>();
  readonly #running = new Set<string>();
  readonly #joined = new Set<string>();
  readonly #steered = new Set<string>();

  keep({ from, message }: Entry): boolean {
    if (from === 'client') {
      if (message.id !== undefined && message.method !== undefined) this.#asked.set(message.id, message);
      return true;
    }
    if (message.method === undefined) {
      this.#reply(message, this.#asked.get(message.id));
      return true;
    }
    return this.#said(message);
  }

  #reply({ result }: Loose, request: Loose): void {
    const loaded = LOADS.has(request?.method) ? result?.thread?.id : undefined;
    if (loaded !== undefined) this.#loads.set(loaded, (this.#loads.get(loaded) ?? 0) + 1);
    const input = inputOf(request);
    if (input === null || result === undefined) return;
    const { threadId, text } = input;
    const joins = this.#running.has(threadId);
    if (joins) this.#steered.add(text);
    else this.#running.add(threadId);
    if (result.turn === undefined) return; // the older protocol names no turn
    if (joins) {
      this.#joined.add(`${threadId} ${result.turn.id}`);
      result.turn.id = '<running>';
      return;
    }
    const count = (this.#counts.get(threadId) ?? 0) + 1;
    this.#counts.set(threadId, count);
    this.#names.set(this.#key(threadId, result.turn.id), `<turn ${count}>`);
    result.turn.id = this.#name(threadId, result.turn.id);
  }

  #said({ method, params }: Loose): boolean {
    const thread = params?.threadId ?? params?.conversationId;
    if (thread === undefined) return true;
    if (
      method === 'turn/started' &&
      this.#joined.has(`${thread} ${params.turn.id}`) &&
      !this.#isNamed(thread, params)
    ) {
      return false;
    }
    if (params.turn?.id !== undefined) params.turn.id = this.#name(thread, params.turn.id);
    if (params.turnId !== undefined) params.turnId = this.#name(thread, params.turnId);
    if (method.startsWith('codex/event/')) {
      params.id = this.#name(thread, params.id);
      if (params.msg.turn_id !== undefined) params.msg.turn_id = this.#name(thread, params.msg.turn_id);
    }
    if (method === 'turn/completed') this.#running.delete(thread);
    return !this.#isSteered(method, params);
  }

  #isNamed(thread: string, params: Loose): boolean {
    return this.#names.has(this.#key(thread, params.turn.id));
  }

  #isSteered(method: string, params: Loose): boolean {
    const item = params.item ?? params.msg?.item;
    const isItem = /userMessage/i.test(item?.type ?? '') && this.#steered.has(textOf(item.content));
    return isItem || (method === 'codex/event/user_message' && this.#steered.has(params.msg.message));
  }

  #key(thread: string, id: string): string {
    return /^\d+$/.test(id) ? `${thread} ${this.#loads.get(thread) ?? 0} ${id}` : `${thread} ${id}`;
  }

  #name(thread: string, id: Loose): Loose {
    if (typeof id !== 'string' || id === '') return id;
    if (/^auto-compact-\d+$/.test(id)) return '<auto-compact>';
    return this.#names.get(this.#key(thread, id)) ?? '<no turn>';
  }
}

/** What a request gives a thread to do; null for requests of other kinds. */
function inputOf(request: Loose): { readonly threadId: string; readonly text: string } | null {
  const { method, params } = request ?? {};
  if (method === 'turn/start') return { threadId: params.threadId, text: textOf(params.input) };
  if (method !== 'sendUserMessage' && method !== 'sendUserTurn') return null;
  return { threadId: params.conversationId, text: textOf(params.items?.map(({ data }: Loose) => data)) };
}

const textOf = (input: Loose): string => (Array.isArray(input) ? input.map((part) => part?.text ?? '').join('') : '');

interface ItemPhase {
  readonly key: string;
  readonly phase: 'started' | 'completed';
}

/** What a notification says about the life of an item, v2 or legacy. */
function phaseOf({ method, params }: Loose): ItemPhase | null {
  const [, kind, phase] = /^(item\/|codex\/event\/item_)(started|completed)$/.exec(method ?? '') ?? [];
  if (phase === 'started' || phase === 'completed') {
    const item = kind === 'item/' ? params.item : params.msg.item;
    return { key: `${kind} ${item.type} ${item.id} ${params.turnId ?? params.msg?.turn_id}`, phase };
  }
  const [, name, end] = /^codex\/event\/(exec_command|patch_apply|mcp_tool_call)_(begin|end)$/.exec(method ?? '') ?? [];
  if (end === undefined) return null;
  return { key: `${name} ${params.msg.call_id} ${params.id}`, phase: end === 'begin' ? 'started' : 'completed' };
}

/** The reference completes a declined item twice; the place of the completion beside its legacy event is free. */
function dropSecondCompletions(entries: readonly Entry[]): Entry[] {
  const done = new Set<string>();
  const kept = entries.filter(({ from, message }) => {
    const life = from === 'server' ? phaseOf(message) : null;
    if (life === null) return true;
    if (life.phase === 'started') return done.delete(life.key) || true;
    if (done.has(life.key)) return false;
    done.add(life.key);
    return true;
  });
  for (const entry of kept.filter(({ message }) => message.params?.item?.status === 'declined')) {
    const { id } = entry.message.params.item;
    const at = kept.indexOf(entry);
    const end = kept.findIndex(
      ({ message }, index) => index > at && /_end$/.test(message.method ?? '') && message.params?.msg?.call_id === id,
    );
    if (end < 0) continue;
    kept.splice(at, 1);
    kept.splice(end, 0, entry);
  }
  return kept;
}

/** Items that were started and never completed: the reference leaves interrupted and broken ones open. */
export function leftOpen(entries: readonly Entry[]): Set<string> {
  const open = new Set<string>();
  for (const { from, message } of entries) {
    const life = from === 'server' ? phaseOf(message) : null;
    if (life?.phase === 'started') open.add(life.key);
    if (life?.phase === 'completed') open.delete(life.key);
  }
  return open;
}

const DERIVED = /^codex\/event\/(agent_message|agent_reasoning|agent_reasoning_raw_content)$/;

/** Without the completions of what the other side left open, and the legacy events that they bring along. */
export function withoutLateCompletions(entries: readonly Entry[], open: ReadonlySet<string>): Entry[] {
  let inDropped = false;
  return entries.filter(({ from, message }) => {
    if (from !== 'server' || message.method === undefined) return true;
    const life = phaseOf(message);
    if (life === null && inDropped && DERIVED.test(message.method)) return false;
    const drop = life?.phase === 'completed' && open.has(life.key);
    if (life !== null) inDropped = drop;
    return !drop;
  });
}

/** Texts of inputs that joined a running turn: the reference neither shows nor stores them. */
export function steeredTexts(entries: readonly Entry[]): Set<string> {
  const running = new Set<string>();
  const texts = new Set<string>();
  for (const { from, message } of entries) {
    const { method, params } = message;
    const input = from === 'client' ? inputOf(message) : null;
    if (input !== null) {
      if (running.has(input.threadId)) texts.add(input.text);
      running.add(input.threadId);
    }
    if (from === 'server' && method === 'turn/completed') running.delete(params.threadId);
  }
  return texts;
}
