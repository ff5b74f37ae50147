/**
 * Takes the last turns of a thread back: its context becomes what its file says without them.
 *
 * In: how many. Out: a marker line in the file, events about the smaller context, the thread as it is now. The lines of
 * the turns stay where they are. The marker is written first: when it cannot be, nothing has changed.
 *
 * Codex of today takes a thread back in a new file whose head names where the old one is cut (`thread/revert`), and keeps the new
 * file's path in a database of its own. We read such files and do not write them: codex would go on in the file that its
 * database names, and each program in a history of its own. It honours the marker in what its model reads; its list of turns
 * goes on showing them. Observed on codex app-server 0.171.0.
 */
import { failureText } from '../base/os-error.ts';
import { modelInstructions, type TurnSettings } from '../contract/turn-settings.ts';
import type { CommandReply, Failure } from '../contract/turn-shard.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { CompactionRules } from '../rollout/context.ts';
import type { RolloutEntry } from '../rollout/entries.ts';
import { readSummary } from '../rollout/head.ts';
import { ContextReader } from '../rollout/stored-context.ts';
import { rolledBackEvent } from '../rollout/stored-event.ts';
import { markTurns } from '../rollout/stored-turns.ts';
import { threadOf } from '../rollout/thread.ts';
import { ownOffset, threadText } from '../rollout/thread-text.ts';
import { History } from './history.ts';
import type { Recorder } from './recorder.ts';
import type { EngineServices } from './services.ts';
import { encodeWithTurns } from './stored-thread.ts';
import { Usage } from './usage.ts';

const RUNNING = 'Cannot rollback while a turn is in progress.';
const NOT_STORED = 'thread has no persisted rollout';
const FAILED = 'failed to start rollback: ';

export interface RollbackDeps {
  readonly threadId: string;
  /** The rollout; null for an ephemeral thread. */
  readonly path: string | null;
  readonly config: { readonly provider: { readonly id: string } };
  readonly services: Pick<EngineServices, 'newId' | 'log'>;
  readonly history: Pick<History, 'restore'>;
  readonly recorder: Pick<Recorder, 'retry' | 'commit' | 'storeAndEmit'>;
  readonly usage: Pick<Usage, 'info' | 'rateLimits' | 'estimate'>;
  readonly compactionRules: (settings: TurnSettings) => CompactionRules;
  /** Resolves when it is known whether this process may write to the thread; the recorder refuses if not. */
  readonly writable: () => Promise<void>;
}

/** Tells why not, as an event too: clients of the older protocol have only that. */
export function refuseRollback({ recorder, services }: RollbackDeps): Failure {
  const turnId = services.newId();
  const error = { message: RUNNING, codexErrorInfo: 'threadRollbackFailed', additionalDetails: null } as const;
  recorder.storeAndEmit({ kind: 'error', turnId, error, willRetry: false });
  return { kind: 'failed', code: 'invalid-state', message: RUNNING };
}

/** `settings`: what the next turn runs under. Never rejects. */
export async function rollBack(deps: RollbackDeps, settings: TurnSettings, numTurns: number): Promise<CommandReply> {
  const { config, path, recorder, services, threadId } = deps;
  if (path === null) return { kind: 'failed', code: 'invalid-state', message: NOT_STORED };
  try {
    await deps.writable();
    recorder.retry(); // what still waits for room must be in the file that is read here
    const marker: RolloutEntry = { type: 'event_msg', payload: rolledBackEvent(numTurns, numTurns) };
    const text = threadText(path);
    const context = new ContextReader(deps.compactionRules(settings), ownOffset(text));
    const turns = await markTurns(text, (line) => context.take(line), { next: marker });
    context.add(marker);
    const { items, messagesRolledBack } = context.finish(text);
    // Where nothing is left, whoever counts may be asked for more than there was.
    const messages = turns.length === 0 ? Math.max(numTurns, messagesRolledBack) : messagesRolledBack;
    apply(deps, settings, items, { numTurns, messages });
    const thread = threadOf(await readSummary(path), { defaultProvider: config.provider.id });
    return { kind: 'thread', thread: await encodeWithTurns(thread, { text, turns, runningTurnId: null }) };
  } catch (error) {
    services.log.warn('engine', 'a rollback failed', { threadId, error });
    return { kind: 'failed', code: 'io-failed', message: `${FAILED}${failureText(error)}` };
  }
}

/** The file first: when it refuses, the thread stays as it was. */
function apply(
  { history, recorder, services, usage }: RollbackDeps,
  settings: TurnSettings,
  items: readonly ResponseItem[],
  gone: { readonly numTurns: number; readonly messages: number },
): void {
  const { truncation, reportedContextWindow } = settings.profile;
  const shorter = new History();
  shorter.restore(items, truncation);
  const tokens = shorter.estimateTokens(modelInstructions(settings));
  const afterwards = new Usage(usage.info);
  afterwards.estimate(tokens, reportedContextWindow);
  const turnId = services.newId();
  recorder.commit([
    { ...afterwards.report(turnId), rateLimits: usage.rateLimits },
    { kind: 'rolledBack', turnId, ...gone },
  ]);
  usage.estimate(tokens, reportedContextWindow);
  history.restore(items, truncation);
}
