/**
 * Opens threads: a new one with its file and set-up messages, or a stored one with the context it had.
 *
 * In: a request of the main thread. Out: a session, and the thread as the client is shown it.
 */
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { osErrorText } from '../base/os-error.ts';
import { VERSION } from '../base/version.ts';
import { loadExecPolicy } from '../execpolicy/load.ts';
import { ExecPolicy } from '../execpolicy/policy.ts';
import { repositoryInfo } from '../git/repository.ts';
import { loadUserInstructions } from '../instructions/agents-md.ts';
import type { CommandReply, OpenedThread, OpenThread } from '../pool/contract/turn-shard.ts';
import type { Turn } from '../protocol/turns.ts';
import { RolloutWriter } from '../rollout/append.ts';
import { rebuildContext, type StoredContext } from '../rollout/context.ts';
import type { RolloutEntry, SessionMeta } from '../rollout/format.ts';
import { readSummary } from '../rollout/head.ts';
import { rolloutPathParts } from '../rollout/name.ts';
import { loadRollout } from '../rollout/read.ts';
import { threadOf, unstoredThread } from '../rollout/thread.ts';
import { turnsOf } from '../rollout/turns.ts';
import { compactedHistory } from './compacted-history.ts';
import type { EngineEvent } from './events.ts';
import { History } from './history.ts';
import { type ContextSource, initialContext } from './initial-context.ts';
import { OpenFailure } from './open-failure.ts';
import { Recorder } from './recorder.ts';
import type { EngineServices } from './services.ts';
import { Session } from './session.ts';
import { applyChange, initialSettings, type TurnSettings } from './settings.ts';
import { storageFailure } from './storage-failure.ts';
import { encodeThread } from './stored-thread.ts';
import { Usage } from './usage.ts';

/** The turn under which a thread's set-up is shown. */
const SET_UP = 'auto-compact-0';

export interface OpenDeps {
  readonly services: EngineServices;
  readonly emit: (threadId: string, event: EngineEvent) => void;
  readonly reply: (threadId: string, callId: number, reply: CommandReply) => void;
}

/** What a thread brings along from its past; a new one nothing. */
interface Past {
  readonly threadId: string;
  readonly writer: RolloutWriter | null;
  readonly stored: StoredContext | null;
  readonly turns: Turn[];
}

/** Rejects with `OpenFailure`. */
export async function openSession(
  request: OpenThread,
  deps: OpenDeps,
): Promise<{ session: Session; opened: OpenedThread }> {
  const { services } = deps;
  const settings = applyChange(initialSettings(request.config, request.profile), request.overrides);
  const source = await contextSource(request, services);
  const past = await openPast(request, services, (context, message, meta) => {
    const then = { ...source, baseInstructions: baseInstructionsOf(request, meta) };
    return compactedHistory(context, initialContext(settings, then), message);
  });
  const { threadId, stored } = past;
  const whole = { ...source, baseInstructions: baseInstructionsOf(request, stored?.meta ?? null) };
  const history = new History();
  history.record(stored?.items ?? [], request.profile.truncation);
  const recorder = new Recorder({
    rollout: past.writer,
    history,
    emit: (event) => deps.emit(threadId, event),
    rawItems: request.rawItems,
    takenIds: stored?.itemIds ?? [],
    hasUserMessage: stored?.hasUserMessage ?? false,
    rawReasoning: request.config.showRawAgentReasoning,
    threadId,
  });
  const session = new Session({
    threadId,
    config: request.config,
    services,
    history,
    recorder,
    usage: new Usage(stored?.usage ?? null),
    policy: source.policy,
    skills: request.skills,
    settings,
    baseInstructions: whole.baseInstructions,
    userInstructions: source.userInstructions,
    deferredContext: request.origin.kind === 'rollout' ? (now) => initialContext(now, whole) : null,
    reply: (callId, reply) => deps.reply(threadId, callId, reply),
    onClosed: () => {
      recorder.retry();
      past.writer?.close();
    },
  });
  try {
    if (request.origin.kind !== 'rollout') await setUp(request, services, recorder, settings, whole);
    if (recorder.failure !== null) throw recorder.failure;
    for (const event of request.lost) recorder.catchUp(event);
    announce(request, recorder, stored, settings);
    return { session, opened: await openedThread(request, past, services) };
  } catch (error) {
    past.writer?.close();
    throw error instanceof OpenFailure ? error : storageFailure(error, services.codexHome);
  }
}

/** What is configured, else what the thread began with, else what its model brings. */
const baseInstructionsOf = ({ config, profile }: OpenThread, meta: SessionMeta | null): string =>
  config.baseInstructions ?? meta?.base_instructions?.text ?? profile.baseInstructions;

async function contextSource(request: OpenThread, services: EngineServices): Promise<ContextSource> {
  const { config } = request;
  try {
    const rules = config.features.exec_policy ? await loadExecPolicy(config.ruleFolders) : null;
    for (const problem of rules?.problems ?? [])
      services.log.warn('rules', 'a rules file was left out', { ...problem });
    return {
      config,
      policy: rules?.policy ?? new ExecPolicy([]),
      baseInstructions: '',
      userInstructions: await loadUserInstructions(config, request.skills),
      services,
    };
  } catch (error) {
    throw new OpenFailure('io-failed', `Fatal error: ${messageOf(error)}`, { cause: error });
  }
}

async function openPast(
  request: OpenThread,
  services: EngineServices,
  compacted: (context: StoredContext['items'], message: string, meta: SessionMeta | null) => StoredContext['items'],
): Promise<Past> {
  const { origin, threadId } = request;
  if (origin.kind === 'rollout') {
    try {
      const entries = await loadRollout(origin.path);
      const meta = entries.find((entry) => entry.type === 'session_meta')?.payload ?? null;
      const stored = rebuildContext(entries, { compacted: (items, message) => compacted(items, message, meta) });
      const writer = RolloutWriter.open(origin.path, { nowMs: () => services.clock.nowMs() });
      return { threadId: stored.meta?.id ?? threadId, writer, stored, turns: turnsOf(entries) };
    } catch (error) {
      throw new OpenFailure('rollout-unreadable', osErrorText(error), { cause: error });
    }
  }
  if (request.ephemeral) return { threadId, writer: null, stored: null, turns: [] };
  const nowMs = services.clock.nowMs();
  const path = join(services.codexHome, ...rolloutPathParts(nowMs, threadId));
  try {
    const writer = RolloutWriter.create(path, { nowMs: () => services.clock.nowMs() });
    return { threadId, writer, stored: null, turns: [] };
  } catch (error) {
    throw storageFailure(error, services.codexHome);
  }
}

/** The head of a new file, the history it was given, and the messages that set it up. */
async function setUp(
  request: OpenThread,
  services: EngineServices,
  recorder: Recorder,
  settings: TurnSettings,
  source: ContextSource,
): Promise<void> {
  recorder.lines([await sessionHead(request, services, source.baseInstructions)]);
  const given = request.origin.kind === 'history' ? request.origin.items : [];
  recorder.items(SET_UP, [...given, ...initialContext(settings, source)], request.profile.truncation);
}

async function sessionHead(
  { threadId, config }: OpenThread,
  services: EngineServices,
  baseInstructions: string,
): Promise<RolloutEntry> {
  const git = await repositoryInfo(config.cwd, services.env);
  return {
    type: 'session_meta',
    payload: {
      id: threadId,
      timestamp: new Date(services.clock.nowMs()).toISOString(),
      cwd: config.cwd,
      originator: services.originator,
      cli_version: VERSION,
      source: 'vscode',
      model_provider: config.provider.id,
      base_instructions: { text: baseInstructions },
      ...(git === undefined ? {} : { git }),
    },
  };
}

/** What a client should know of the thread before its first turn. */
function announce(
  { config, origin }: OpenThread,
  recorder: Recorder,
  stored: StoredContext | null,
  settings: TurnSettings,
): void {
  for (const notice of config.deprecations) recorder.event({ kind: 'deprecation', turnId: '', notice });
  if (config.unstableFeatures.length > 0) {
    const message = `Features under development are switched on: ${config.unstableFeatures.join(', ')}. They may change or misbehave.`;
    recorder.event({ kind: 'warning', turnId: '', message });
  }
  const model = settings.collaborationMode.settings.model;
  const lastModel = stored?.lastModel ?? null;
  if (origin.kind === 'rollout' && lastModel !== null && lastModel !== model) {
    const message = `This thread was recorded with the model \`${lastModel}\` and goes on with \`${model}\`, which may work differently.`;
    recorder.event({ kind: 'warning', turnId: SET_UP, message });
  }
  recorder.event({ kind: 'mcpStartupComplete', turnId: '' });
}

async function openedThread(request: OpenThread, past: Past, services: EngineServices): Promise<OpenedThread> {
  const { threadId, writer, turns } = past;
  const defaultProvider = request.config.provider.id;
  if (writer !== null) {
    const thread = threadOf(await readSummary(writer.path), {
      defaultProvider,
      turns: request.includeTurns ? turns : [],
    });
    return { threadId, path: writer.path, thread: encodeThread(thread) };
  }
  const { cwd } = request.config;
  const thread = unstoredThread({
    id: threadId,
    modelProvider: defaultProvider,
    cwd,
    cliVersion: VERSION,
    nowMs: services.clock.nowMs(),
  });
  return { threadId, path: null, thread: encodeThread(thread) };
}
