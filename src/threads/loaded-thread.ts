/**
 * One loaded thread as the main thread sees it. In: what its shard says of it, in order. Out: what requests ask about it.
 *
 * The shard owns the thread's settings and its running turn. What stands here of them is what the shard has said so far: a
 * command changes nothing here before it has been accepted.
 */
import { EncodedJson } from '../base/encoded-json.ts';
import { requirePolicies } from '../config/requirements.ts';
import type { EffectiveConfig } from '../contract/effective-config.ts';
import type { EngineEvent } from '../contract/engine-events.ts';
import type { ModelProfile } from '../contract/model-profile.ts';
import { initialSettings, type TurnSettings } from '../contract/turn-settings.ts';
import type { OpenedThread, SkillReference, TurnOverrides } from '../contract/turn-shard.ts';
import type { Thread } from '../protocol/threads.ts';
import { EventPipe, type PipeSink } from './event-pipe.ts';
import { type ListenerKind, Listeners } from './listeners.ts';
import { OpenItems } from './open-items.ts';
import { ThreadLife } from './thread-life.ts';

export interface LoadedThreadOptions {
  readonly id: string;
  readonly config: EffectiveConfig;
  readonly profile: ModelProfile;
  readonly skills: readonly SkillReference[];
  readonly ephemeral: boolean;
  /** Whether the shard reports history items as they are recorded. */
  readonly rawItems: boolean;
  /** Who hears of it from the start; null: nobody yet. */
  readonly subscriber: { readonly raw: boolean } | null;
  readonly sink: PipeSink;
  /** Somebody came to listen, or left. */
  readonly onListeners?: () => void;
}

export class LoadedThread {
  readonly id: string;
  readonly config: EffectiveConfig;
  readonly profile: ModelProfile;
  readonly skills: readonly SkillReference[];
  readonly ephemeral: boolean;
  rawItems: boolean;
  readonly listeners: Listeners;
  readonly pipe: EventPipe;
  readonly openItems = new OpenItems();
  readonly life = new ThreadLife();
  /** Number of the newest command; 0 for none. */
  lastUse = 0;
  #settings: TurnSettings;
  #runningTurnId: string | null = null;
  #startedBy: ListenerKind = 'v2';
  #path: string | null = null;
  #described: EncodedJson<Thread> | null = null;
  #questions: AbortController | null = null;

  constructor(options: LoadedThreadOptions) {
    this.id = options.id;
    this.config = options.config;
    this.profile = options.profile;
    this.skills = options.skills;
    this.ephemeral = options.ephemeral;
    this.rawItems = options.rawItems;
    this.listeners = new Listeners(options.subscriber, options.onListeners);
    this.pipe = new EventPipe(options.sink);
    this.#settings = initialSettings(options.config, options.profile);
  }

  /** Aborted when nobody waits any more for what the running turn asked. */
  questionsSignal(): AbortSignal {
    this.#questions ??= new AbortController();
    return this.#questions.signal;
  }

  /** Absolute path of the rollout; null while it is not known, and for ephemeral threads. */
  get path(): string | null {
    return this.#path;
  }

  /** The thread as it was when it was first opened: all there is to show of one without a file. null until then. */
  get described(): EncodedJson<Thread> | null {
    return this.#described;
  }

  /** What the next turn runs under. */
  get settings(): TurnSettings {
    return this.#settings;
  }

  get runningTurnId(): string | null {
    return this.#runningTurnId;
  }

  /** The protocol in which the newest turn was asked for. */
  get startedBy(): ListenerKind {
    return this.#startedBy;
  }

  /** The shard has opened it, for the first time or again. */
  opened({ path, bareThread }: OpenedThread): void {
    this.#path = path;
    this.#described ??= new EncodedJson<Thread>(bareThread);
  }

  settingsChanged(settings: TurnSettings): void {
    this.#settings = settings;
  }

  /** The shard has started a turn for a command: from here on the client counts on it to end. */
  turnAccepted(turnId: string, startedBy: ListenerKind): void {
    this.#runningTurnId = turnId;
    this.#startedBy = startedBy;
  }

  /** For each event of the thread, before it goes to the client. */
  note(event: EngineEvent): void {
    this.openItems.track(event);
    if (event.kind === 'turnAborted' || event.kind === 'turnEnded') this.#closeQuestions();
    if (event.kind === 'turnEnded') this.#runningTurnId = null;
  }

  /** Throws ConfigError for what the administrator does not allow. */
  requireAllowed(overrides: TurnOverrides): void {
    requirePolicies(overrides, this.config.requirements);
  }

  /** The turn is over: what it asked has no one to be answered to. */
  #closeQuestions(): void {
    this.#questions?.abort();
    this.#questions = null;
  }
}
