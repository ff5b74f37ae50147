/**
 * One turn shard: all that runs in its worker.
 *
 * In: the commands of `TurnShard`. Out: events. It owns its sessions, the provider connections they share, and the copy
 * of the credentials that the main thread last sent.
 */

import { systemClock } from '../base/clock.ts';
import { uuidV7 } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import { failureText } from '../base/os-error.ts';
import { groupControl } from '../base/process-groups.ts';
import { headOf } from '../base/well-formed.ts';
import type { AuthState } from '../contract/auth-state.ts';
import type { ProviderConfig } from '../contract/effective-config.ts';
import type { TurnSettings } from '../contract/turn-settings.ts';
import type {
  ClientAnswer,
  CommandReply,
  EncodedPieces,
  Failure,
  ModelList,
  OpenedThread,
  OpenThread,
  Outcome,
  ShardEventBatch,
  ShardSettings,
  StoredThreadRequest,
  ThreadCommand,
  TurnPage,
  TurnPageRequest,
  TurnShard,
} from '../contract/turn-shard.ts';
import { GroupWarden } from '../exec/group-warden.ts';
import { ProcessGroups } from '../exec/process-groups.ts';
import { RootMemory } from '../exec/roots.ts';
import { findSandbox, type SandboxAvailability } from '../exec/sandbox.ts';
import { systemLookup, userShell } from '../exec/shell.ts';
import { LocalImages } from '../images/local-image.ts';
import { UpstreamClient } from '../upstream/client.ts';
import { AuthCopy } from './auth-copy.ts';
import { EventStream } from './event-stream.ts';
import { openSession } from './open.ts';
import { OpenFailure } from './open-failure.ts';
import { PendingWrites } from './pending-writes.ts';
import type { EngineServices } from './services.ts';
import type { Session } from './session.ts';
import { describeStored, messagesOf, pageOfStored } from './stored-thread.ts';
import { WriterLocks } from './writer-lock.ts';

/** Whoever asked has given up by then. */
const MODEL_LIST_LIMIT_MS = 5000;

interface LoadedSession {
  readonly session: Session;
  readonly path: string | null;
}

export class Shard implements TurnShard {
  readonly events: EventStream;
  readonly #auth: AuthCopy;
  readonly #sessions = new Map<string, LoadedSession>();
  readonly #log: Logger;
  readonly #writes = new PendingWrites();
  readonly #warden = new GroupWarden();
  #services: EngineServices | null = null;
  #upstream: UpstreamClient | null = null;

  constructor(post: (batch: ShardEventBatch) => void) {
    this.events = new EventStream((batch) => {
      this.#writes.run();
      post(batch);
    });
    this.#auth = new AuthCopy((generation, why) => {
      this.events.push({ kind: 'authWanted', generation, why });
      this.events.flush();
    }, systemClock);
    this.#log = forwardingLogger(this.events);
  }

  configure(settings: ShardSettings): void {
    const { env, identity } = settings;
    const groups = groupControl(env);
    const running = new ProcessGroups(groups, this.#warden);
    this.#upstream = new UpstreamClient({
      identity,
      env,
      log: this.#log,
      now: Date.now,
      random: Math.random,
      onModelsEtag: (providerId, etag) => this.events.push({ kind: 'modelsEtag', providerId, etag }),
    });
    this.#services = {
      upstream: this.#upstream,
      auth: this.#auth,
      env,
      processCwd: settings.processCwd,
      codexHome: settings.codexHome,
      originator: identity.originator,
      images: new LocalImages(),
      shell: userShell(systemLookup(env, settings.processCwd)),
      sandbox: keptSandbox(() => findSandbox(env)),
      roots: new RootMemory(env),
      patchProgram: settings.patchProgram,
      groups,
      processes: {
        expected: (pipe) => this.#warden.expect(pipe),
        started: (groupId, pipe) => {
          running.started(groupId, pipe);
          this.#announceProcess(groupId, true);
        },
        ended: (groupId) => {
          running.ended(groupId);
          this.#announceProcess(groupId, false);
        },
      },
      flow: () => this.events.ready(),
      beforeEvents: this.#writes.add,
      locks: new WriterLocks({ codexHome: settings.codexHome, env, log: this.#log }),
      clock: systemClock,
      random: Math.random,
      newId: () => uuidV7(),
      log: this.#log,
    };
  }

  setAuth(state: AuthState): void {
    this.#auth.replace(state);
  }

  open(request: OpenThread): Promise<Outcome<OpenedThread>> {
    return outcome(async () => {
      const { session, opened } = await openSession(request, {
        services: this.#required(),
        emit: (threadId, event) => this.events.push({ kind: 'engine', threadId, event }),
        settingsChanged: (threadId, settings) => this.events.push({ kind: 'settings', threadId, settings }),
        reply: (threadId, callId, reply) => this.#reply(threadId, callId, reply),
      });
      this.#sessions.set(opened.threadId, { session, path: opened.path });
      this.#meetRoots(opened.threadId, session.settings);
      return opened;
    });
  }

  submit(command: ThreadCommand): void {
    const { threadId, callId } = command;
    const loaded = this.#sessions.get(threadId);
    if (loaded === undefined) this.#reply(threadId, callId, notLoaded(threadId));
    else if (command.kind === 'close') this.#closeFor(threadId, callId);
    else {
      loaded.session.submit(command);
      this.#meetRoots(threadId, loaded.session.settings);
    }
  }

  /** Now, because a command may put something else in the place of a folder later. */
  #meetRoots(threadId: string, { sandboxPolicy, cwd }: TurnSettings): void {
    this.#required().roots.of(threadId, sandboxPolicy, cwd);
  }

  showRawItems(threadId: string): void {
    this.#sessions.get(threadId)?.session.showRawItems();
  }

  answer(threadId: string, requestKey: string, answer: ClientAnswer): void {
    this.#sessions.get(threadId)?.session.answer(requestKey, answer);
  }

  readStored(request: StoredThreadRequest): Promise<Outcome<EncodedPieces>> {
    const running = request.threadId === null ? undefined : this.#sessions.get(request.threadId);
    return outcome(() => describeStored(request, running?.session.runningTurnId ?? null));
  }

  readMessages(path: string): Promise<Outcome<EncodedPieces>> {
    return outcome(() => messagesOf(path));
  }

  listTurns(request: TurnPageRequest): Promise<Outcome<TurnPage>> {
    const running = request.threadId === null ? undefined : this.#sessions.get(request.threadId);
    return outcome(() => pageOfStored(request, running?.session.runningTurnId ?? null));
  }

  fetchModels(provider: ProviderConfig): Promise<Outcome<ModelList>> {
    const { upstream } = this.#required();
    return outcome(() => upstream.models(provider, this.#auth.current(), AbortSignal.timeout(MODEL_LIST_LIMIT_MS)));
  }

  async close(threadId: string): Promise<void> {
    const loaded = this.#sessions.get(threadId);
    this.#sessions.delete(threadId);
    this.#services?.roots.forget(threadId);
    await loaded?.session.close();
    this.events.flush();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((threadId) => this.close(threadId)));
    await this.#upstream?.[Symbol.asyncDispose]();
    this.#warden[Symbol.dispose]();
    this.events.flush();
  }

  #closeFor(threadId: string, callId: number): void {
    const closed = this.close(threadId).then((): CommandReply => {
      const turnId = this.#required().newId();
      this.events.push({ kind: 'engine', threadId, event: { kind: 'shutdownComplete', turnId } });
      return { kind: 'ok' };
    });
    const failed = (error: unknown): CommandReply => ({
      kind: 'failed',
      code: 'io-failed',
      message: failureText(error),
    });
    void closed.catch(failed).then((reply) => this.#reply(threadId, callId, reply));
  }

  #reply(threadId: string, callId: number, reply: CommandReply): void {
    this.events.push({ kind: 'reply', threadId, callId, reply });
  }

  /** Sent at once: should this worker die, the main thread ends the group. */
  #announceProcess(groupId: number, alive: boolean): void {
    this.events.push({ kind: 'process', groupId, alive });
    this.events.flush();
  }

  #required(): EngineServices {
    if (this.#services === null) throw new Error('the shard was not configured');
    return this.#services;
  }
}

/** Looked for once; again where it could not be looked for. */
function keptSandbox(find: () => Promise<SandboxAvailability>): () => Promise<SandboxAvailability> {
  let kept: Promise<SandboxAvailability> | null = null;
  return () => {
    kept ??= find().then((found) => {
      if (found.kind === 'unavailable' && found.isForNow) kept = null;
      return found;
    });
    return kept;
  };
}

const notLoaded = (threadId: string): Failure => ({
  kind: 'failed',
  code: 'thread-not-found',
  message: `thread not found: ${threadId}`,
});

async function outcome<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'done', value: await work() };
  } catch (error) {
    const code = error instanceof OpenFailure ? error.code : 'io-failed';
    return { kind: 'failed', code, message: failureText(error) };
  }
}

/** Workers do not write to stderr themselves: their records go to the main thread's logger. */
function forwardingLogger(events: EventStream): Logger {
  const forward =
    (level: 'error' | 'warn' | 'info' | 'debug') =>
    (area: string, event: string, fields: object = {}): void =>
      events.push({ kind: 'log', level, area, message: event, fields: plainFields(fields) });
  return {
    error: forward('error'),
    warn: forward('warn'),
    info: forward('info'),
    debug: forward('debug'),
    enabled: (level) => level === 'error' || level === 'warn',
  };
}

/** In characters: a record may hold what a model or a file says. */
const MOST_FIELD_CHARS = 8_000;

/** A value that is no text is told as its JSON where that is long. */
function boundedField(value: unknown): unknown {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length <= MOST_FIELD_CHARS ? value : `${headOf(text, MOST_FIELD_CHARS)} … (${text.length} characters)`;
}

/** Errors lose their message in transit when they are nested, so they go as text. */
const plainFields = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      boundedField(value instanceof Error ? (value.stack ?? value.message) : value),
    ]),
  );
