/**
 * A thread's turns, each from its first event to its last: sample the model, run the tools it calls, repeat until it has
 * nothing more to do.
 *
 * In: what the user sent. Out: events and history, through the recorder. A turn's body returns (completed) or throws:
 * `TurnFailure` (failed), or the reason of the turn's signal (interrupted). `run` makes exactly one end of it. It owns what
 * the model knows of the thread's settings.
 */
import { dirname } from 'node:path';
import { readBounded } from '../base/bounded-open.ts';
import { failureText, osErrorText } from '../base/os-error.ts';
import type { EffectiveConfig } from '../contract/effective-config.ts';
import type { TurnSettings } from '../contract/turn-settings.ts';
import type { SkillReference } from '../contract/turn-shard.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { TurnError } from '../protocol/turns.ts';
import { mentionedSkills } from '../skills/mentions.ts';
import { SKILL_LIMIT_BYTES } from '../skills/walk.ts';
import { type CompactionDeps, compactIfFull, runCompaction } from './compact.ts';
import { TurnFailure } from './failures.ts';
import type { InputQueue } from './input-queue.ts';
import { changeMessages, skillMessage, textMessage } from './messages.ts';
import { type NotifyDeps, notifyHook } from './notify-hook.ts';
import { ABORT_MARKER } from './prompts/compaction.ts';
import type { Recorder } from './recorder.ts';
import { type SamplingDeps, sample } from './sampling.ts';
import type { EngineServices } from './services.ts';
import type { TurnState } from './turn-state.ts';
import { type GivenInput, typedText, userMessageOf } from './user-input.ts';

export type TurnDeps = SamplingDeps &
  CompactionDeps &
  NotifyDeps & {
    readonly config: Pick<EffectiveConfig, 'stateFolders'>;
    readonly services: Pick<EngineServices, 'images' | 'processCwd' | 'shell' | 'log'>;
    readonly recorder: Pick<Recorder, 'retry' | 'requireStorage' | 'turnEnded' | 'addToHistoryUnseen'>;
    readonly skills: readonly SkillReference[];
    readonly queue: Pick<InputQueue, 'isEmpty' | 'take'>;
    /** The settings that the thread is opened with. */
    readonly settings: TurnSettings;
    /** Set-up messages that a resumed thread adds before its next turn; null when they are in the history already. */
    readonly deferredContext: ((settings: TurnSettings) => ResponseItem[]) | null;
  };

/** What a turn does. */
export type TurnBody = { readonly kind: 'conversation'; readonly input: GivenInput } | { readonly kind: 'compaction' };

export interface TurnEnd {
  /** Runs just before the turn's last event: input that comes after it starts a turn of its own. */
  readonly ended: () => void;
  readonly answerInterrupts: () => void;
}

export class TurnRunner {
  readonly #deps: TurnDeps;
  #deferredContext: TurnDeps['deferredContext'];
  /** Settings that the model knows of: those of the last conversation. */
  #knownSettings: TurnSettings;

  constructor(deps: TurnDeps) {
    this.#deps = deps;
    this.#deferredContext = deps.deferredContext;
    this.#knownSettings = deps.settings;
  }

  /** `writable` resolves when it is known whether this process may write to the thread. Never rejects. */
  async run(turn: TurnState, body: TurnBody, writable: Promise<void>, end: TurnEnd): Promise<void> {
    const { recorder, queue } = this.#deps;
    recorder.retry();
    try {
      await writable;
      if (body.kind === 'compaction') await runCompaction(this.#deps, turn);
      else await this.#converse(turn, body.input);
      // Only a turn that was no conversation can leave input waiting here.
      if (!queue.isEmpty) await this.#sampleAll(turn);
      turn.signal.throwIfAborted();
      recorder.requireStorage();
      this.#complete(turn, end);
    } catch (error) {
      try {
        if (turn.signal.aborted) await this.#abort(turn, end);
        else await this.#fail(turn, this.#turnErrorOf(error), end);
      } catch (second) {
        const { services, threadId } = this.#deps;
        // A bug: the turn still ends for the client, and the thread goes on.
        services.log.error('engine', 'a turn could not be ended in order', { threadId, error: second });
        this.#lastResort(turn, this.#turnErrorOf(second), end);
      }
    }
  }

  async #converse(turn: TurnState, input: GivenInput): Promise<void> {
    const { recorder } = this.#deps;
    const { profile, collaborationMode } = turn.settings;
    this.#recordSettings(turn);
    // Without input there is nothing to ask the model; that settings changed is noted all the same.
    if (input.content.length === 0) {
      recorder.turnBegan(turn.id, 'nothing');
      return;
    }
    recorder.storeAndEmit({
      kind: 'turnStarted',
      turnId: turn.id,
      contextWindow: profile.reportedContextWindow,
      mode: collaborationMode.mode,
    });
    try {
      await compactIfFull(this.#deps, turn);
    } finally {
      // Whatever became of the compaction, what the user typed must not be lost.
      recorder.turnBegan(turn.id, 'message');
      await this.#recordInput(turn, input);
    }
    await this.#sampleAll(turn);
  }

  /** Samples until the model asks for nothing more and no input waits. */
  async #sampleAll(turn: TurnState): Promise<void> {
    for (;;) {
      await this.#recordQueued(turn);
      this.#deps.recorder.requireStorage();
      const wantsMore = await sample(this.#deps, turn);
      if (!wantsMore && this.#deps.queue.isEmpty) return;
      await compactIfFull(this.#deps, turn);
    }
  }

  /** What the model must be told because settings differ from those of the turn before. */
  #recordSettings(turn: TurnState): void {
    const { grants, recorder, services } = this.#deps;
    const deferred = this.#deferredContext?.(turn.settings) ?? [];
    const prefixes = grants.policy.allowedPrefixes();
    const changes = changeMessages(this.#knownSettings, turn.settings, services.shell.kind, prefixes);
    this.#deferredContext = null;
    this.#knownSettings = turn.settings;
    recorder.addToHistory(turn.id, [...deferred, ...changes], turn.settings.profile.truncation);
  }

  /** Input that came while the turn was running enters the context between two requests. */
  async #recordQueued(turn: TurnState): Promise<void> {
    const { queue } = this.#deps;
    for (let input = queue.take(); input !== undefined; input = queue.take()) await this.#recordInput(turn, input);
  }

  /** The user's message, then the skills it names. */
  async #recordInput(turn: TurnState, { itemId: id, content }: GivenInput): Promise<void> {
    const { recorder, services } = this.#deps;
    const message = await userMessageOf(content, services.images, services.processCwd);
    recorder.addToHistory(turn.id, [message], turn.settings.profile.truncation);
    const item = { type: 'userMessage' as const, id, content };
    recorder.storeAndEmit({ kind: 'itemStarted', turnId: turn.id, item });
    recorder.storeAndEmit({ kind: 'itemCompleted', turnId: turn.id, item });
    for (const skill of mentionedSkills(typedText(content), this.#deps.skills)) await this.#recordSkill(turn, skill);
  }

  async #recordSkill(turn: TurnState, { name, path }: SkillReference): Promise<void> {
    const { config, recorder, services } = this.#deps;
    try {
      // A skill is listed by a path without links; one that has become a link since is another file.
      const bounds = { within: dirname(path), stateFolders: config.stateFolders };
      const text = (await readBounded(path, SKILL_LIMIT_BYTES, bounds)).toString('utf8');
      recorder.addToHistory(turn.id, [skillMessage(name, path, text)], turn.settings.profile.truncation);
    } catch (error) {
      services.log.warn('engine', 'a skill could not be read', { path, error });
      const message = `Failed to load skill ${name} at ${path}: ${osErrorText(error)}`;
      recorder.storeAndEmit({ kind: 'warning', turnId: turn.id, message });
    }
  }

  #complete(turn: TurnState, end: TurnEnd): void {
    const { recorder } = this.#deps;
    recorder.turnEnded(turn.id, 'completed', null);
    end.ended();
    const { id: turnId, lastAgentMessage } = turn;
    recorder.storeAndEmit({ kind: 'turnEnded', turnId, status: 'completed', error: null, lastAgentMessage });
    notifyHook(this.#deps, turn);
    end.answerInterrupts();
  }

  async #fail(turn: TurnState, error: TurnError, end: TurnEnd): Promise<void> {
    const { recorder } = this.#deps;
    recorder.closeOpenItems();
    await this.#recordQueued(turn);
    recorder.storeAndEmit({ kind: 'error', turnId: turn.id, error, willRetry: false });
    recorder.turnEnded(turn.id, 'failed', error);
    end.ended();
    recorder.storeAndEmit({ kind: 'turnEnded', turnId: turn.id, status: 'failed', error, lastAgentMessage: null });
    end.answerInterrupts();
  }

  async #abort(turn: TurnState, end: TurnEnd): Promise<void> {
    const { recorder } = this.#deps;
    recorder.closeOpenItems();
    recorder.addToHistoryUnseen([textMessage('user', ABORT_MARKER)], turn.settings.profile.truncation);
    await this.#recordQueued(turn);
    recorder.storeAndEmit({ kind: 'turnAborted', turnId: turn.id, reason: 'interrupted' });
    recorder.turnEnded(turn.id, 'interrupted', null);
    end.ended();
    end.answerInterrupts();
    const ended = { kind: 'turnEnded', status: 'interrupted', error: null, lastAgentMessage: null } as const;
    recorder.storeAndEmit({ ...ended, turnId: turn.id });
  }

  #lastResort(turn: TurnState, error: TurnError, end: TurnEnd): void {
    const { recorder } = this.#deps;
    end.ended();
    end.answerInterrupts();
    recorder.storeAndEmit({ kind: 'error', turnId: turn.id, error, willRetry: false });
    recorder.storeAndEmit({ kind: 'turnEnded', turnId: turn.id, status: 'failed', error, lastAgentMessage: null });
  }

  #turnErrorOf(error: unknown): TurnError {
    if (error instanceof TurnFailure) return error.turnError;
    const { services, threadId } = this.#deps;
    services.log.error('engine', 'a turn failed', { threadId, error });
    return { message: failureText(error), codexErrorInfo: 'other', additionalDetails: null };
  }
}
