/**
 * How a thread comes to be loaded: started anew, or resumed from its file.
 *
 * In: what a client asks for. Out: the loaded thread, its wire form, and its held events. Configuration, model and
 * skills are looked up here, once; the shard gets the result.
 */

import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { EncodedJson } from '../base/encoded-json.ts';
import { AppError } from '../base/errors.ts';
import { parseUuid } from '../base/ids.ts';
import { osErrorText } from '../base/os-error.ts';
import type { TypedOverrides } from '../config/derive.ts';
import type { EffectiveConfig } from '../config/effective.ts';
import { ConfigError } from '../config/errors.ts';
import type { KnownModels } from '../models/known.ts';
import { profileFor } from '../models/profile-for.ts';
import type { SkillReference, StoredThreadRequest, ThreadOrigin } from '../pool/contract/turn-shard.ts';
import type { TurnShards } from '../pool/turn-shards.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import { findRollout } from '../rollout/find.ts';
import { readSummary } from '../rollout/head.ts';
import { FOLDERS } from '../rollout/name.ts';
import { loadRollout, RolloutError } from '../rollout/read.ts';
import { invalidThreadId, noRollout, threadNotLoaded } from './errors.ts';
import type { LoadedThread } from './loaded-thread.ts';
import type { Threads } from './threads.ts';

/** What a request may say about the thread it wants. */
export interface ThreadRequest {
  readonly cwd?: string | undefined;
  readonly typed: TypedOverrides;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

export interface ResumeRequest extends ThreadRequest {
  readonly threadId: string;
  readonly path: string | null;
  readonly history: readonly ResponseItem[] | null;
  readonly includeTurns: boolean;
}

/** `release` lets the thread's events through: after the response. */
export interface OpenResult {
  readonly thread: LoadedThread;
  readonly encoded: EncodedJson;
  readonly release: () => void;
}

export interface LifecycleOptions {
  readonly threads: Threads;
  readonly shards: TurnShards;
  readonly codexHome: string;
  readonly processCwd: string;
  readonly newId: () => string;
  readonly loadConfig: (request: ThreadRequest) => Promise<EffectiveConfig>;
  /** Models as they are known now, and the one that a thread gets when nobody names another. */
  readonly models: () => Promise<{ readonly known: KnownModels; readonly defaultModel: string }>;
  readonly skills: (config: EffectiveConfig) => Promise<readonly SkillReference[]>;
  readonly defaultProvider: string;
}

export class ThreadLifecycle {
  readonly #options: LifecycleOptions;

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  async start(request: ThreadRequest & { ephemeral: boolean; rawItems: boolean }): Promise<OpenResult> {
    const { ephemeral, rawItems } = request;
    const how = { id: this.#options.newId(), ephemeral, rawItems, includeTurns: false };
    return this.#open(request, how, { kind: 'new' }, 'error creating thread: ');
  }

  async resume(request: ResumeRequest): Promise<OpenResult> {
    if (request.history !== null) return this.#resumeHistory(request, request.history);
    const path = request.path === null ? await this.#pathOf(request.threadId) : this.#absolute(request.path);
    const id = await this.#idIn(path);
    const loaded = this.#options.threads.find(id);
    if (loaded !== undefined) return this.#join(loaded, request.includeTurns);
    const how = { id, ephemeral: false, rawItems: false, includeTurns: request.includeTurns };
    const cwd = request.cwd ?? (await readSummary(path)).meta.cwd;
    return this.#open({ ...request, cwd }, how, { kind: 'rollout', path }, 'error resuming thread: ');
  }

  /** A stored or loaded thread as the wire shows it. */
  async read(threadId: string, includeTurns: boolean): Promise<EncodedJson> {
    const id = parseThreadId(threadId);
    const loaded = this.#options.threads.find(id);
    const path = await this.#storedPath(id, loaded);
    if (path === null) {
      if (loaded === undefined) throw threadNotLoaded(id);
      if (includeTurns) throw new AppError('invalid-state', 'ephemeral threads do not support includeTurns');
      return this.#unstored(loaded);
    }
    const request = { path, includeTurns, fallbackProvider: this.#options.defaultProvider };
    return this.#readStored(id, { ...request, threadId: loaded === undefined ? null : id });
  }

  /** null for threads without a file: ephemeral ones, and loaded ones whose file somebody removed. */
  async #storedPath(id: string, loaded: LoadedThread | undefined): Promise<string | null> {
    if (typeof loaded?.path !== 'string') return this.#find(id);
    return existsSync(loaded.path) ? loaded.path : null;
  }

  async #readStored(id: string, request: StoredThreadRequest): Promise<EncodedJson> {
    const outcome = await this.#options.shards.readStored(id, request);
    if (outcome.kind === 'done') return new EncodedJson([outcome.value]);
    const message = `failed to load rollout \`${request.path}\` for thread ${id}: ${outcome.message}`;
    throw new AppError('rollout-unreadable', message);
  }

  #unstored(thread: LoadedThread): EncodedJson {
    if (thread.described === null) throw threadNotLoaded(thread.id); // still being opened
    return thread.described;
  }

  async #resumeHistory(request: ResumeRequest, history: readonly ResponseItem[]): Promise<OpenResult> {
    if (history.length === 0) throw new AppError('invalid-input', 'history must not be empty');
    const how = { id: this.#options.newId(), ephemeral: false, rawItems: false, includeTurns: false };
    return this.#open(request, how, { kind: 'history', items: history }, 'error resuming thread: ');
  }

  /** A loaded thread has one writer: whoever resumes it sees what is there. */
  async #join(thread: LoadedThread, includeTurns: boolean): Promise<OpenResult> {
    return { thread, encoded: await this.read(thread.id, includeTurns), release: () => undefined };
  }

  async #open(
    request: ThreadRequest,
    how: { id: string; ephemeral: boolean; rawItems: boolean; includeTurns: boolean },
    origin: ThreadOrigin,
    failure: string,
  ): Promise<OpenResult> {
    const config = await this.#config(request);
    const { known, defaultModel } = await this.#options.models();
    const profile = profileFor(config.model ?? defaultModel, config, known);
    const skills = await this.#options.skills(config);
    try {
      const { thread, opened } = await this.#options.threads.open({ ...how, config, profile, skills }, origin);
      const encoded = new EncodedJson([opened.thread]);
      thread.described = encoded;
      return { thread, encoded, release: () => thread.pipe.release() };
    } catch (error) {
      if (error instanceof AppError && error.code === 'io-failed') {
        throw new AppError('io-failed', `${failure}${error.message}`, { cause: error });
      }
      if (error instanceof AppError && error.code === 'rollout-unreadable' && origin.kind === 'rollout') {
        throw unreadable(origin.path, error);
      }
      throw error;
    }
  }

  async #config(request: ThreadRequest): Promise<EffectiveConfig> {
    try {
      return await this.#options.loadConfig(request);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new AppError('config-invalid', `error deriving config: ${error.message}`, { cause: error });
    }
  }

  async #pathOf(threadId: string): Promise<string> {
    const id = parseThreadId(threadId);
    const path = this.#options.threads.find(id)?.path ?? (await this.#find(id));
    if (path === null) throw noRollout(id);
    return path;
  }

  #find(id: string): Promise<string | null> {
    return findRollout(join(this.#options.codexHome, FOLDERS.sessions), id);
  }

  async #idIn(path: string): Promise<string> {
    try {
      return (await readSummary(path)).meta.id;
    } catch (error) {
      // What is wrong with a whole file is said by who reads it whole.
      throw unreadable(path, error instanceof RolloutError ? await faultIn(path, error) : error);
    }
  }

  #absolute(path: string): string {
    return isAbsolute(path) ? path : resolve(this.#options.processCwd, path);
  }
}

const unreadable = (path: string, error: unknown): AppError =>
  new AppError('invalid-state', `failed to load rollout \`${path}\`: ${osErrorText(error)}`, { cause: error });

async function faultIn(path: string, otherwise: unknown): Promise<unknown> {
  try {
    await loadRollout(path);
    return otherwise;
  } catch (error) {
    return error;
  }
}

/** Any spelling of a UUID, normalised. */
export function parseThreadId(text: string): string {
  const parsed = parseUuid(text);
  if (!parsed.ok) throw invalidThreadId(parsed.message);
  return parsed.value;
}
