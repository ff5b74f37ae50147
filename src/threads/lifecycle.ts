/**
 * How a thread comes to be loaded: started anew, resumed from its file, or begun as a copy of another.
 *
 * In: what a client asks for. Out: the loaded thread, its wire form, and its held events. Configuration, model and
 * skills are looked up here, once; the shard gets the result.
 */

import { isAbsolute, resolve } from 'node:path';
import { EncodedJson } from '../base/encoded-json.ts';
import { AppError } from '../base/errors.ts';
import { osErrorText } from '../base/os-error.ts';
import { ConfigError } from '../config/errors.ts';
import type { EffectiveConfig } from '../contract/effective-config.ts';
import type { ModelProfile } from '../contract/model-profile.ts';
import type { SkillReference, ThreadOrigin } from '../contract/turn-shard.ts';
import type { KnownModels } from '../models/known.ts';
import { profileFor } from '../models/profile-for.ts';
import type { EventMsg } from '../protocol/legacy/events.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { Thread } from '../protocol/threads.ts';
import type { SessionMeta } from '../rollout/entries.ts';
import { readMeta } from '../rollout/head.ts';
import { checkRollout, RolloutError } from '../rollout/read.ts';
import type { Delivery } from './delivery.ts';
import { noRollout, parseThreadId } from './errors.ts';
import { asksForChange, changesAsked, type RequestedSettings } from './joining.ts';
import type { LoadedThread } from './loaded-thread.ts';
import type { StoredThreads } from './stored-threads.ts';
import type { Shown, Threads } from './threads.ts';

/** What a request may say about the thread it wants. */
export interface ThreadRequest extends Shown, RequestedSettings {
  /** Whether the client hears of the thread without a further request. */
  readonly subscribe: boolean;
  /** What threads are called where the request comes from: it stands in errors. */
  readonly noun: 'thread' | 'conversation';
}

/** Where a stored thread is. */
export type Source =
  | { readonly kind: 'id'; readonly threadId: string }
  | { readonly kind: 'path'; readonly path: string };
export type History = { readonly kind: 'history'; readonly items: readonly ResponseItem[] };

/** `release` lets the thread's events through: after the response. */
export interface OpenResult {
  readonly thread: LoadedThread;
  readonly encoded: EncodedJson<Thread>;
  /** The stored events; null when they were not asked for. */
  readonly messages: EncodedJson<EventMsg[]> | null;
  readonly release: () => void;
}

export interface LifecycleOptions {
  readonly threads: Threads;
  readonly stored: StoredThreads;
  readonly delivery: Pick<Delivery, 'rejoin'>;
  readonly processCwd: string;
  readonly newId: () => string;
  readonly loadConfig: (request: ThreadRequest) => Promise<EffectiveConfig>;
  /** Models as they are known now, and the one that a thread gets when nobody names another. */
  readonly models: () => Promise<{ readonly known: KnownModels; readonly defaultModel: string }>;
  readonly skills: (config: EffectiveConfig) => Promise<readonly SkillReference[]>;
}

interface How {
  readonly id: string;
  readonly ephemeral: boolean;
  readonly rawItems: boolean;
}

export class ThreadLifecycle {
  readonly #options: LifecycleOptions;
  /** The newest resumption of each thread: a file must not be opened twice. */
  readonly #resuming = new Map<string, Promise<unknown>>();

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  async start(request: ThreadRequest & { ephemeral: boolean; rawItems: boolean }): Promise<OpenResult> {
    const { ephemeral, rawItems } = request;
    const how = { id: this.#options.newId(), ephemeral, rawItems };
    return this.#open(request, how, { kind: 'new' }, `error creating ${request.noun}: `);
  }

  async resume(request: ThreadRequest, source: Source | History): Promise<OpenResult> {
    if (source.kind === 'history') return this.#resumeHistory(request, source.items);
    const path = await this.#pathOf(source, request);
    const { id, cwd } = await this.#metaOf(path, source, request);
    return this.#inTurn(id, () => {
      const loaded = this.#options.threads.find(id);
      const isAway = loaded?.life.isUnloaded === true && loaded.listeners.audience === null;
      if (loaded !== undefined && !isAway) return this.#join(loaded, request);
      const how = { id, ephemeral: false, rawItems: !request.subscribe };
      const origin = { kind: 'rollout', path } as const;
      return this.#open({ ...request, cwd: request.cwd ?? cwd }, how, origin, `error resuming ${request.noun}: `);
    });
  }

  /** A new thread that begins with all lines of another's file, which stays as it is. */
  async fork(request: ThreadRequest, source: Source): Promise<OpenResult> {
    const path = await this.#pathOf(source, request);
    const meta = await this.#metaOf(path, source, request);
    const how = { id: this.#options.newId(), ephemeral: false, rawItems: !request.subscribe };
    const origin = { kind: 'fork', path } as const;
    return this.#open({ ...request, cwd: request.cwd ?? meta.cwd }, how, origin, `error forking ${request.noun}: `);
  }

  async #resumeHistory(request: ThreadRequest, items: readonly ResponseItem[]): Promise<OpenResult> {
    if (items.length === 0) throw new AppError('invalid-input', 'history must not be empty');
    const how = { id: this.#options.newId(), ephemeral: false, rawItems: !request.subscribe };
    return this.#open(request, how, { kind: 'history', items }, `error resuming ${request.noun}: `);
  }

  /** A loaded thread has one writer: whoever resumes it sees what is there, and may change its settings. */
  async #join(thread: LoadedThread, request: ThreadRequest): Promise<OpenResult> {
    const { stored, delivery } = this.#options;
    const { includeTurns, includeMessages, subscribe } = request;
    if (asksForChange(request)) await this.#change(thread, request);
    return {
      thread,
      encoded: await stored.read(thread.id, includeTurns),
      messages: includeMessages ? await stored.messages(thread) : null,
      release: () => {
        if (!subscribe) return;
        const isFirst = thread.listeners.audience === null;
        thread.listeners.subscribe(false);
        if (isFirst) delivery.rejoin(thread);
      },
    };
  }

  async #change(thread: LoadedThread, request: ThreadRequest): Promise<void> {
    const config = await this.#config({ ...request, cwd: request.cwd ?? thread.settings.cwd });
    const overrides = changesAsked(request, config, await this.#profile(config));
    const { release } = await this.#options.threads.command(thread.id, { kind: 'change', overrides });
    release();
  }

  async #profile(config: EffectiveConfig): Promise<ModelProfile> {
    const { known, defaultModel } = await this.#options.models();
    return profileFor(config.model ?? defaultModel, config, known);
  }

  async #open(request: ThreadRequest, how: How, origin: ThreadOrigin, failure: string): Promise<OpenResult> {
    const config = await this.#config(request);
    const profile = await this.#profile(config);
    const skills = await this.#options.skills(config);
    const { includeTurns, includeMessages } = request;
    const subscriber = request.subscribe ? { raw: how.rawItems } : null;
    const options = { ...how, config, profile, skills, subscriber, includeTurns, includeMessages };
    try {
      const { thread, opened } = await this.#options.threads.open(options, origin);
      const encoded = new EncodedJson<Thread>(opened.thread);
      const messages = opened.messages === null ? null : new EncodedJson<EventMsg[]>(opened.messages);
      return { thread, encoded, messages, release: () => thread.pipe.release() };
    } catch (error) {
      if (error instanceof AppError && error.code === 'io-failed') {
        throw new AppError('io-failed', `${failure}${error.message}`, { cause: error });
      }
      if (error instanceof AppError && error.code === 'rollout-unreadable' && 'path' in origin) {
        throw unreadable(origin.path, '', error);
      }
      throw error;
    }
  }

  /** One after the other for each thread. */
  async #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#resuming.get(id) ?? Promise.resolve()).catch(() => undefined).then(work);
    this.#resuming.set(id, mine);
    try {
      return await mine;
    } finally {
      if (this.#resuming.get(id) === mine) this.#resuming.delete(id);
    }
  }

  async #config(request: ThreadRequest): Promise<EffectiveConfig> {
    try {
      return await this.#options.loadConfig(request);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new AppError('invalid-config', `error deriving config: ${error.message}`, { cause: error });
    }
  }

  async #pathOf(source: Source, { noun }: ThreadRequest): Promise<string> {
    if (source.kind === 'path') {
      const isWhole = isAbsolute(source.path) || source.path === ''; // no path is no file, least of all a folder
      return isWhole ? source.path : resolve(this.#options.processCwd, source.path);
    }
    const id = parseThreadId(source.threadId);
    const path = this.#options.threads.find(id)?.path ?? (await this.#options.stored.find(id));
    if (path === null) throw noRollout(id, noun);
    return path;
  }

  async #metaOf(path: string, source: Source, { noun }: ThreadRequest): Promise<SessionMeta> {
    try {
      return await readMeta(path);
    } catch (error) {
      const fault = error instanceof RolloutError ? await faultIn(path, error) : error;
      const whose = source.kind === 'id' && noun === 'conversation' ? ` for conversation ${source.threadId}` : '';
      throw unreadable(source.kind === 'path' ? source.path : path, whose, fault);
    }
  }
}

const unreadable = (path: string, whose: string, error: unknown): AppError =>
  new AppError('invalid-state', `failed to load rollout \`${path}\`${whose}: ${osErrorText(error)}`, { cause: error });

/** What is wrong with a whole file is said by who reads it whole. */
async function faultIn(path: string, otherwise: unknown): Promise<unknown> {
  try {
    await checkRollout(path);
    return otherwise;
  } catch (error) {
    return error;
  }
}
