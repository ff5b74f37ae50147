/**
 * Opens threads: a new one with its file and set-up messages, or a stored one with the context it had.
 *
 * In: a request of the main thread. Out: a session, and the thread as the client is shown it.
 */
import { rmSync } from 'node:fs';
import { failureText } from '../base/os-error.ts';
import { VERSION } from '../base/version.ts';
import type { EngineEvent } from '../contract/engine-events.ts';
import type { TurnSettings } from '../contract/turn-settings.ts';
import type { CommandReply, EncodedPieces, OpenedThread, OpenThread } from '../contract/turn-shard.ts';
import { threadItemOf } from '../events/thread-items.ts';
import { writableRoots } from '../exec/writable-roots.ts';
import { loadExecPolicy } from '../execpolicy/load.ts';
import { loadUserInstructions } from '../project/agents-md.ts';
import { repositoryInfo } from '../project/repository.ts';
import type { CompactionRules, StoredContext } from '../rollout/context.ts';
import type { RolloutEntry, SessionMeta } from '../rollout/entries.ts';
import { readSummary } from '../rollout/head.ts';
import { threadOf, unstoredThread } from '../rollout/thread.ts';
import { compactedHistory } from './compacted-history.ts';
import { Grants } from './grants.ts';
import { History } from './history.ts';
import { type ContextSource, initialContext } from './initial-context.ts';
import { OpenFailure } from './open-failure.ts';
import { copyInto, openPast, type Past } from './past.ts';
import { Recorder } from './recorder.ts';
import type { EngineServices } from './services.ts';
import { Session } from './session.ts';
import { storageFailure } from './storage-failure.ts';
import { encodeMessages, encodeThread, encodeWithTurns } from './stored-thread.ts';
import { ThreadLock } from './thread-lock.ts';
import { Usage } from './usage.ts';
import { userMessageOf } from './user-input.ts';

/** The turn under which a thread's set-up is shown. */
const SET_UP = 'auto-compact-0';

export interface OpenDeps {
  readonly services: EngineServices;
  readonly emit: (threadId: string, event: EngineEvent) => void;
  readonly settingsChanged: (threadId: string, settings: TurnSettings) => void;
  readonly reply: (threadId: string, callId: number, reply: CommandReply) => void;
}

/** Rejects with `OpenFailure`. */
export async function openSession(
  request: OpenThread,
  deps: OpenDeps,
): Promise<{ session: Session; opened: OpenedThread }> {
  const { services } = deps;
  const source = await contextSource(request, services);
  const withBase = (meta: SessionMeta | null): ContextSource => ({
    ...source,
    baseInstructions: baseInstructionsOf(request, meta),
  });
  const past = await openPast(request, services, compactionRules(request.settings, withBase));
  try {
    const whole = withBase(past.stored.meta);
    return await openWith(request, deps, past, whole);
  } catch (error) {
    past.writer?.close();
    await past.lock?.release();
    if (past.writer !== null && request.origin.kind === 'fork') rmSync(past.writer.path, { force: true }); // half a copy
    throw error instanceof OpenFailure ? error : storageFailure(error, services.codexHome);
  }
}

async function openWith(
  request: OpenThread,
  deps: OpenDeps,
  past: Past,
  source: ContextSource,
): Promise<{ session: Session; opened: OpenedThread }> {
  const { services } = deps;
  const { settings } = request;
  const { threadId, writer, stored } = past;
  const history = new History();
  history.record(stored.items, request.profile.truncation);
  const recorder = new Recorder({
    rollout: writer,
    flushLater: services.beforeEvents,
    history,
    emit: (event) => deps.emit(threadId, event),
    rawItems: request.rawItems,
    takenIds: stored.itemIds,
    // Where lines are numbered, nobody looks for the first message near the top.
    hasUserMessage: stored.hasUserMessage || past.source?.kind === 'paginated',
    rawReasoning: request.config.showRawAgentReasoning,
    threadId,
  });
  const lock = new ThreadLock(past, services, (reason) => recorder.refuse(reason));
  const session = new Session({
    threadId,
    path: writer?.path ?? null,
    config: request.config,
    services,
    history,
    recorder,
    usage: new Usage(stored.usage),
    grants: new Grants(source.policy),
    skills: request.skills,
    settings,
    baseInstructions: source.baseInstructions,
    userInstructions: source.userInstructions,
    deferredContext: request.origin.kind === 'rollout' ? (now) => initialContext(now, source) : null,
    compactionRules: (now) => compactionRules(now, () => source),
    settingsChanged: (changed) => deps.settingsChanged(threadId, changed),
    reply: (callId, reply) => deps.reply(threadId, callId, reply),
    writable: () => lock.settled(),
    onClosed: () => {
      recorder.retry();
      writer?.close();
      return lock.release();
    },
  });
  if (request.origin.kind !== 'rollout') await setUp(request, past, { services, recorder, settings, source });
  recorder.flush();
  if (recorder.failure !== null) throw recorder.failure;
  await catchUp(request, recorder, stored.itemIds, services);
  recorder.flush(); // the file is read below
  if (request.lost === null) announce(request, recorder, stored, settings);
  else deps.settingsChanged(threadId, settings); // what a shard that died had said may still come
  return { session, opened: await openedThread(request, past, services) };
}

/** Stores what is not stored yet of that which the client was told. Whatever died had come as far as some of it. */
async function catchUp(
  { lost, profile }: OpenThread,
  recorder: Recorder,
  storedIds: ReadonlySet<string>,
  { images, processCwd }: EngineServices,
): Promise<void> {
  for (const event of lost ?? []) {
    const item = threadItemOf(event);
    if (item !== null && storedIds.has(item.id)) continue;
    if (item?.type === 'userMessage') {
      recorder.turnBegan(event.turnId, 'message');
      recorder.addToHistory(event.turnId, [await userMessageOf(item.content, images, processCwd)], profile.truncation);
    }
    recorder.catchUp(event);
  }
}

/** The context that stored lines lead to; a compaction among them kept what the settings of now would make it keep. */
const compactionRules = (
  settings: TurnSettings,
  sourceFor: (meta: SessionMeta | null) => ContextSource,
): CompactionRules => ({
  compacted: (items, message, meta) => compactedHistory(items, initialContext(settings, sourceFor(meta)), message),
});

/** What is configured, else what the thread began with, else what its model brings. */
const baseInstructionsOf = ({ config, profile }: OpenThread, meta: SessionMeta | null): string =>
  config.baseInstructions ?? meta?.base_instructions?.text ?? profile.baseInstructions;

async function contextSource(request: OpenThread, services: EngineServices): Promise<ContextSource> {
  const { config } = request;
  try {
    const folders = config.features.exec_policy ? config.ruleFolders : [];
    const { policy, problems } = await loadExecPolicy(folders, config.requirements.rules);
    for (const problem of problems) services.log.warn('rules', 'a rules file was left out', { ...problem });
    return {
      config,
      policy,
      baseInstructions: '',
      userInstructions: await loadUserInstructions(config, request.skills),
      services,
    };
  } catch (error) {
    throw new OpenFailure('io-failed', `Fatal error: ${failureText(error)}`, { cause: error });
  }
}

interface SetUp {
  readonly services: EngineServices;
  readonly recorder: Recorder;
  readonly settings: TurnSettings;
  readonly source: ContextSource;
}

/** The head of a new file, what it takes over, and the messages that set it up. */
async function setUp(request: OpenThread, past: Past, { services, recorder, settings, source }: SetUp): Promise<void> {
  const head = await sessionHead(request, past, services, source.baseInstructions);
  past.writer?.write([head]);
  if (past.writer !== null && past.source !== null) await copyInto(past.writer, past.source);
  const given = request.origin.kind === 'history' ? request.origin.items : [];
  recorder.addToHistory(SET_UP, [...given, ...initialContext(settings, source)], request.profile.truncation);
}

async function sessionHead(
  { threadId, config }: OpenThread,
  { stored: { meta: source } }: Past,
  services: EngineServices,
  baseInstructions: string,
): Promise<RolloutEntry> {
  const roots = writableRoots(config.sandboxPolicy, config.cwd, services.env);
  const git = await repositoryInfo(config.cwd, { env: services.env, roots });
  return {
    type: 'session_meta',
    payload: {
      id: threadId,
      ...(source === null ? {} : { forked_from_id: source.id }),
      timestamp: new Date(services.clock.nowMs()).toISOString(),
      cwd: config.cwd,
      originator: services.originator,
      cli_version: VERSION,
      source: 'vscode',
      model_provider: config.provider.id,
      base_instructions: { text: baseInstructions },
      ...(source?.dynamic_tools === undefined ? {} : { dynamic_tools: source.dynamic_tools }),
      ...(git === undefined ? {} : { git }),
    },
  };
}

/** What a client should know of the thread before its first turn. */
function announce(
  { config, origin }: OpenThread,
  recorder: Recorder,
  { lastModel }: StoredContext,
  settings: TurnSettings,
): void {
  for (const notice of config.deprecations) recorder.storeAndEmit({ kind: 'deprecation', turnId: '', notice });
  if (config.unstableFeatures.length > 0) {
    const message = `Features under development are switched on: ${config.unstableFeatures.join(', ')}. They may change or misbehave.`;
    recorder.storeAndEmit({ kind: 'warning', turnId: '', message });
  }
  const model = settings.collaborationMode.settings.model;
  if (origin.kind === 'rollout' && lastModel !== null && lastModel !== model) {
    const message = `This thread was recorded with the model \`${lastModel}\` and goes on with \`${model}\`, which may work differently.`;
    recorder.storeAndEmit({ kind: 'warning', turnId: SET_UP, message });
  }
  recorder.storeAndEmit({ kind: 'mcpStartupComplete', turnId: '' });
}

async function openedThread(request: OpenThread, past: Past, services: EngineServices): Promise<OpenedThread> {
  const { threadId, writer, source } = past;
  const defaultProvider = request.config.provider.id;
  if (writer === null)
    return { threadId, path: null, messages: noMessages(request), ...unstored(request, past, services) };
  const thread = threadOf(await readSummary(writer.path), { defaultProvider });
  const bareThread = [encodeThread(thread)];
  if (source === null) {
    return { threadId, path: writer.path, thread: bareThread, bareThread, messages: noMessages(request) };
  }
  return {
    threadId,
    path: writer.path,
    thread: request.includeTurns ? await encodeWithTurns(thread, { ...source, runningTurnId: null }) : bareThread,
    bareThread,
    messages: request.includeMessages ? await encodeMessages(writer.path) : null,
  };
}

/** A thread that takes nothing over has none. */
const noMessages = ({ includeMessages }: OpenThread): EncodedPieces | null =>
  includeMessages ? [new TextEncoder().encode('[]')] : null;

function unstored(
  { config }: OpenThread,
  { threadId }: Past,
  { clock }: EngineServices,
): Pick<OpenedThread, 'thread' | 'bareThread'> {
  const { provider, cwd } = config;
  const thread = unstoredThread({
    id: threadId,
    modelProvider: provider.id,
    cwd,
    cliVersion: VERSION,
    nowMs: clock.nowMs(),
  });
  const encoded = [encodeThread(thread)];
  return { thread: encoded, bareThread: encoded };
}
