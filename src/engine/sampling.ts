/**
 * One step of a turn: ask the model, and turn its stream into items, history and running tool calls.
 *
 * Upstream names an item only when it adds or finishes it; deltas belong to the one of their type that was added last.
 */
import { abortable } from '../base/abort.ts';
import type { EngineItem } from '../contract/engine-events.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import { emptyResponse, UpstreamError } from '../upstream/errors.ts';
import type { UpstreamEvent } from '../upstream/types.ts';
import { engineItemOf } from './engine-items.ts';
import type { History } from './history.ts';
import { PlanSplitter } from './plan-mode.ts';
import type { Recorder } from './recorder.ts';
import { type RequestThread, requestInput, samplingRequest } from './request.ts';
import type { EngineServices } from './services.ts';
import { type RetryDeps, type StreamAttempt, withStreamRetries } from './stream-retries.ts';
import { ToolRun } from './tools/run.ts';
import type { ToolDeps } from './tools/tool.ts';
import { type Instructions, turnContextEntry } from './turn-context.ts';
import { reportDiff, type TurnState } from './turn-state.ts';
import type { Usage } from './usage.ts';

export type SamplingDeps = RequestThread &
  Instructions &
  RetryDeps &
  ToolDeps & {
    readonly history: Pick<History, 'prompt'>;
    readonly recorder: Pick<Recorder, 'checkStorage' | 'closeOpenItems'>;
    readonly usage: Pick<Usage, 'record'>;
    readonly services: Pick<EngineServices, 'upstream' | 'flow' | 'newId'>;
  };

/** Resolves with whether the model wants another request: it called tools. Throws `TurnFailure` or the abort reason. */
export async function sample(deps: SamplingDeps, turn: TurnState): Promise<boolean> {
  const { config, history, recorder, services } = deps;
  let input: readonly unknown[] = [];
  const consume: StreamAttempt<boolean> = async (auth, changed) => {
    if (changed === 'changed') input = requestInput(history, config, turn.settings);
    const request = samplingRequest(deps, turn, auth, input);
    const response = new ResponseStream(deps, turn);
    try {
      for await (const event of services.upstream.stream(request, turn.signal)) {
        response.take(event);
        recorder.checkStorage();
        const pause = services.flow();
        if (pause !== null) await abortable(pause, turn.signal);
      }
      // A turn that ends without a word would look like one that has nothing to say.
      if (!turn.hasOutput) throw new UpstreamError(emptyResponse());
    } catch (error) {
      await response.breakOff();
      throw error;
    }
    return response.finish();
  };
  return withStreamRetries(deps, turn, [turnContextEntry(deps, turn)], consume);
}

/** An item that the client was shown and that is not finished. */
interface OpenItem {
  /** As upstream calls it; null when it gave no id. */
  readonly upstreamId: string | null;
  readonly item: EngineItem;
}

class ResponseStream {
  readonly #deps: SamplingDeps;
  readonly #turn: TurnState;
  readonly #tools: ToolRun;
  readonly #plan: PlanSplitter | null;
  #open: OpenItem[] = [];
  #lastMessage: string | null = null;

  constructor(deps: SamplingDeps, turn: TurnState) {
    this.#deps = deps;
    this.#turn = turn;
    this.#tools = new ToolRun(deps, turn);
    this.#plan = turn.settings.collaborationMode.mode === 'plan' ? new PlanSplitter(deps.recorder, turn.id) : null;
  }

  take(event: UpstreamEvent): void {
    switch (event.kind) {
      case 'headers':
        this.#headers(event);
        break;
      case 'itemAdded':
        this.#added(event.item);
        break;
      case 'itemDone':
        this.#done(event.item);
        break;
      case 'textDelta':
        this.#textDelta(event.delta);
        break;
      case 'summaryPartAdded':
        this.#reasoning({ kind: 'summaryPartAdded', summaryIndex: event.summaryIndex });
        break;
      case 'summaryDelta':
        this.#reasoning({ kind: 'summaryDelta', summaryIndex: event.summaryIndex, delta: event.delta });
        break;
      case 'reasoningDelta':
        this.#reasoning({ kind: 'reasoningDelta', contentIndex: event.contentIndex, delta: event.delta });
        break;
      case 'completed':
        this.#completed(event);
        break;
    }
  }

  /** The stream is complete: waits for its tool calls and records what they said. Whether the model wants more. */
  async finish(): Promise<boolean> {
    for (const { item } of this.#open.splice(0)) this.#finishItem(item, item);
    this.#turn.lastAgentMessage = this.#lastMessage;
    const called = this.#tools.hasCalls;
    await this.#tools.recordOutputs();
    this.#turn.signal.throwIfAborted();
    await reportDiff(this.#deps.recorder, this.#turn);
    return called;
  }

  /** The stream broke. Open items end as they are; after an interruption the calls' outputs are still recorded. */
  async breakOff(): Promise<void> {
    this.#open = [];
    this.#deps.recorder.closeOpenItems();
    if (this.#turn.signal.aborted) await this.#tools.recordOutputs();
    else await this.#tools.abandon();
  }

  #headers(event: UpstreamEvent & { kind: 'headers' }): void {
    this.#turn.routing ??= event.turnState;
    this.#turn.reasoningIncluded ||= event.reasoningIncluded;
    this.#deps.usage.limit(event.rateLimits);
    this.#reportUsage();
  }

  #completed(event: UpstreamEvent & { kind: 'completed' }): void {
    if (event.usage !== null) {
      this.#deps.usage.record(event.usage, this.#turn.settings.profile.reportedContextWindow);
    }
    this.#reportUsage();
  }

  #reportUsage(): void {
    this.#deps.recorder.storeAndEmit(this.#deps.usage.report(this.#turn.id));
  }

  #added(item: ResponseItem): void {
    const shown = engineItemOf(item, (id) => this.#deps.recorder.uniqueItemId(id), this.#deps.services.newId);
    if (shown === null || shown.type === 'userMessage') return;
    this.#open.push({ upstreamId: upstreamIdOf(item), item: shown });
    if (this.#plan !== null && shown.type === 'agentMessage') {
      this.#plan.begin(shown.id);
      if (shown.text !== '') this.#plan.push(shown.text);
    } else this.#start(shown);
  }

  #start(item: EngineItem): void {
    this.#deps.recorder.storeAndEmit({ kind: 'itemStarted', turnId: this.#turn.id, item });
  }

  #done(item: ResponseItem): void {
    const { recorder } = this.#deps;
    const active = this.#takeOpen(item);
    const takeId = (id: string): string => (active === null ? recorder.uniqueItemId(id) : active.id);
    const shown = engineItemOf(item, takeId, active === null ? this.#deps.services.newId : () => active.id);
    if (shown !== null) this.#finishItem(shown, active);
    if (item.type !== 'other') this.#turn.hasOutput = true;
    recorder.addToHistory(this.#turn.id, [item], this.#turn.settings.profile.truncation);
    this.#tools.take(item);
  }

  /** The open item that `item` ends: the one of its id, else the last one of its type. null when there is none. */
  #takeOpen(item: ResponseItem): EngineItem | null {
    const id = upstreamIdOf(item);
    const type = SHOWN_AS[item.type];
    const found =
      this.#open.find(({ upstreamId }) => upstreamId !== null && upstreamId === id) ?? this.#lastOpen(type ?? null);
    this.#open = this.#open.filter((open) => open !== found);
    return found?.item ?? null;
  }

  #lastOpen(type: EngineItem['type'] | null): OpenItem | undefined {
    return this.#open.findLast(({ item }) => item.type === type);
  }

  #finishItem(shown: EngineItem, active: EngineItem | null): void {
    if (this.#plan !== null && shown.type === 'agentMessage') {
      this.#says(this.#plan.finish(shown.id, shown.text, active !== null));
      return;
    }
    if (shown.type === 'agentMessage') this.#says(shown.text);
    if (active === null) this.#start(shown);
    this.#deps.recorder.storeAndEmit({ kind: 'itemCompleted', turnId: this.#turn.id, item: shown });
  }

  #says(text: string | null): void {
    if (text !== null && text !== '') this.#lastMessage = text;
  }

  #textDelta(delta: string): void {
    const active = this.#lastOpen('agentMessage')?.item;
    if (active === undefined) return;
    if (this.#plan !== null) this.#plan.push(delta);
    else this.#deps.recorder.storeAndEmit({ kind: 'messageDelta', turnId: this.#turn.id, itemId: active.id, delta });
  }

  #reasoning(
    part:
      | { kind: 'summaryPartAdded'; summaryIndex: number }
      | { kind: 'summaryDelta'; summaryIndex: number; delta: string }
      | { kind: 'reasoningDelta'; contentIndex: number; delta: string },
  ): void {
    const active = this.#lastOpen('reasoning')?.item;
    if (active === undefined) return;
    this.#deps.recorder.storeAndEmit({ ...part, turnId: this.#turn.id, itemId: active.id });
  }
}

/** How items of upstream are shown while they grow. */
const SHOWN_AS: Readonly<Partial<Record<ResponseItem['type'], EngineItem['type']>>> = {
  message: 'agentMessage',
  reasoning: 'reasoning',
  web_search_call: 'webSearch',
};

const upstreamIdOf = (item: ResponseItem): string | null =>
  'id' in item && typeof item.id === 'string' && item.id !== '' ? item.id : null;
