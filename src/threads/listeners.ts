/**
 * Who hears of one thread. A connection may listen by both protocols, by the older one more than once; every event still
 * goes out once, in the fullest form that anyone asked for.
 *
 * In: who attaches and leaves. Out: in which form events go out and who is asked. It owns what nobody has heard yet.
 */
import type { EngineEvent } from '../contract/engine-events.ts';
import { EventBacklog, isQuestionKind } from './event-backlog.ts';

export type ListenerKind = 'v1' | 'v2';

export interface Audience {
  readonly listener: ListenerKind;
  /** Whether history items are shown as they are. */
  readonly raw: boolean;
}

export class Listeners {
  readonly #backlog = new EventBacklog();
  readonly #v1 = new Map<string, { readonly raw: boolean }>();
  #v2: { readonly raw: boolean } | null;
  /** Whether the last one to leave wanted to hear no more, instead of hearing it later. */
  #forgets = false;
  readonly #onChange: () => void;

  /** `v2`: the subscription that starting and resuming a thread brings; null for none. `onChange`: somebody came or left. */
  constructor(v2: { readonly raw: boolean } | null, onChange: () => void = () => undefined) {
    this.#v2 = v2;
    this.#onChange = onChange;
  }

  /** null while nobody listens. */
  get audience(): Audience | null {
    if (this.#v2 === null && this.#v1.size === 0) return null;
    const raw = this.#v2?.raw === true || [...this.#v1.values()].some((listener) => listener.raw);
    return { listener: this.#v2 === null ? 'v1' : 'v2', raw };
  }

  /** Who is asked what a turn wants to know: with listeners of both kinds, the kind that started the turn. */
  asked(startedBy: ListenerKind): ListenerKind {
    if (this.#v2 === null) return 'v1';
    return this.#v1.size === 0 ? 'v2' : startedBy;
  }

  subscribe(raw: boolean): void {
    this.#v2 ??= { raw };
    this.#forgets = false;
    this.#onChange();
  }

  /** false when there was no subscription. */
  unsubscribe(): boolean {
    if (this.#v2 === null) return false;
    this.#v2 = null;
    this.#forgets = this.#v1.size === 0;
    this.#onChange();
    return true;
  }

  add(subscriptionId: string, raw: boolean): void {
    this.#v1.set(subscriptionId, { raw });
    this.#forgets = false;
    this.#onChange();
  }

  remove(subscriptionId: string): boolean {
    const was = this.#v1.delete(subscriptionId);
    this.#onChange();
    return was;
  }

  /** For an event that nobody heard. */
  keep(event: EngineEvent): void {
    if (!this.#forgets || isQuestionKind(event.kind)) this.#backlog.push(event);
  }

  takeUnheard(): EngineEvent[] {
    return this.#backlog.take();
  }

  takeUnheardQuestions(): EngineEvent[] {
    return this.#backlog.takeQuestions();
  }
}
