/**
 * A loaded thread inside its shard.
 *
 * In: commands, in the order the client gave them, and answers to what a turn asked. Out: events and replies.
 * It owns the thread's settings, history, usage and rules, the turn that runs, and input that waits for it.
 */
import type { EffectiveConfig } from '../contract/effective-config.ts';
import type { UserQuestion } from '../contract/engine-events.ts';
import { applyChange, type TurnSettings } from '../contract/turn-settings.ts';
import type { ClientAnswer, CommandReply, SkillReference, ThreadCommand } from '../contract/turn-shard.ts';
import type { ExecPolicy } from '../execpolicy/policy.ts';
import { TurnDiff } from '../patch/turn-diff.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import type { CompactionRules } from '../rollout/context.ts';
import { runCompaction } from './compact.ts';
import type { History } from './history.ts';
import { type ApprovalOutcome, type ApprovalRequest, Questions } from './questions.ts';
import type { Recorder } from './recorder.ts';
import { refuseRollback, rollBack } from './rollback.ts';
import type { EngineServices } from './services.ts';
import { endTurn, runTurn, type TurnBody } from './turn.ts';
import { TurnState } from './turn-state.ts';
import type { Usage } from './usage.ts';
import type { GivenInput } from './user-input.ts';

type SessionCommand = Exclude<ThreadCommand, { kind: 'close' }>;

export interface SessionParts {
  readonly threadId: string;
  /** The rollout; null for an ephemeral thread. */
  readonly path: string | null;
  readonly config: EffectiveConfig;
  readonly services: EngineServices;
  readonly history: History;
  readonly recorder: Recorder;
  readonly usage: Usage;
  readonly policy: ExecPolicy;
  readonly skills: readonly SkillReference[];
  readonly settings: TurnSettings;
  readonly baseInstructions: string;
  /** What AGENTS.md files and skills say; null when there is nothing. */
  readonly userInstructions: string | null;
  /** Set-up messages that a resumed thread adds before its next turn; null when they are in the history already. */
  readonly deferredContext: ((settings: TurnSettings) => ResponseItem[]) | null;
  readonly compactionRules: (settings: TurnSettings) => CompactionRules;
  readonly reply: (callId: number, reply: CommandReply) => void;
  /** Resolves when it is known whether this process may write to the thread; the recorder refuses if not. */
  readonly writable: () => Promise<void>;
  /** Called once, when the session is closed and its file may be too. */
  readonly onClosed: () => Promise<void>;
}

export class Session {
  readonly threadId: string;
  readonly path: string | null;
  readonly config: EffectiveConfig;
  readonly services: EngineServices;
  readonly history: History;
  readonly recorder: Recorder;
  readonly usage: Usage;
  readonly skills: readonly SkillReference[];
  readonly baseInstructions: string;
  readonly userInstructions: string | null;
  /** Commands and patched paths that the user accepted for as long as the thread is loaded. */
  readonly approvals = new Set<string>();
  readonly writable: SessionParts['writable'];
  policy: ExecPolicy;
  /** Settings that the model knows of: those of the last regular turn. */
  lastTurnSettings: TurnSettings;
  readonly #parts: SessionParts;
  readonly #questions: Questions;
  readonly #parked: GivenInput[] = [];
  readonly #interrupts: number[] = [];
  readonly #queued: SessionCommand[] = [];
  #settings: TurnSettings;
  #deferred: SessionParts['deferredContext'];
  /** A rollback that is being worked on. */
  #rollingBack: Promise<void> | null = null;
  #closing = false;
  #running: { readonly turn: TurnState; readonly ended: Promise<void> } | null = null;

  constructor(parts: SessionParts) {
    this.threadId = parts.threadId;
    this.path = parts.path;
    this.config = parts.config;
    this.services = parts.services;
    this.history = parts.history;
    this.recorder = parts.recorder;
    this.usage = parts.usage;
    this.skills = parts.skills;
    this.baseInstructions = parts.baseInstructions;
    this.userInstructions = parts.userInstructions;
    this.policy = parts.policy;
    this.writable = parts.writable;
    this.lastTurnSettings = parts.settings;
    this.#settings = parts.settings;
    this.#deferred = parts.deferredContext;
    this.#parts = parts;
    this.#questions = new Questions((event) => this.recorder.storeAndEmit(event));
  }

  get runningTurnId(): string | null {
    return this.#running?.turn.id ?? null;
  }

  get hasParked(): boolean {
    return this.#parked.length > 0;
  }

  takeParked(): GivenInput | undefined {
    return this.#parked.shift();
  }

  /** Interrupts that wait for the running turn's end. */
  takeInterrupts(): number[] {
    return this.#interrupts.splice(0);
  }

  reply(callId: number, reply: CommandReply): void {
    this.#parts.reply(callId, reply);
  }

  /** The set-up messages of a resumed thread, once; they show the settings of the turn that brings them. */
  takeDeferredContext(settings: TurnSettings): ResponseItem[] {
    const build = this.#deferred;
    this.#deferred = null;
    return build === null ? [] : build(settings);
  }

  reportUsage(turnId: string): void {
    const { info: usage, rateLimits } = this.usage;
    this.recorder.storeAndEmit({ kind: 'tokenCount', turnId, usage, rateLimits });
  }

  /** Sends the turn's diff when there is one. */
  async reportDiff(turn: TurnState): Promise<void> {
    const diff = await turn.diff.render();
    if (diff !== '') this.recorder.storeAndEmit({ kind: 'turnDiff', turnId: turn.id, diff });
  }

  askApproval(turn: TurnState, request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalOutcome> {
    return this.#questions.approval(turn.id, request, signal);
  }

  askUser(
    turn: TurnState,
    callId: string,
    questions: readonly UserQuestion[],
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, readonly string[]>>> {
    return this.#questions.user(turn.id, callId, questions, signal);
  }

  answer(requestKey: string, answer: ClientAnswer): void {
    this.#questions.answer(requestKey, answer);
  }

  /** What the next turn runs under. */
  get settings(): TurnSettings {
    return this.#settings;
  }

  get compactionRules(): CompactionRules {
    return this.#parts.compactionRules(this.#settings);
  }

  submit(command: SessionCommand): void {
    if (this.#closing) {
      const message = `thread not found: ${this.threadId}`;
      this.reply(command.callId, { kind: 'failed', code: 'thread-not-found', message });
      return;
    }
    if (this.#mustWait(command)) {
      this.#queued.push(command);
      return;
    }
    switch (command.kind) {
      case 'startTurn':
        this.#startTurn(command);
        break;
      case 'steer':
        this.#steer(command);
        break;
      case 'interrupt':
        this.#interrupt(command);
        break;
      case 'change':
        this.#settings = applyChange(this.#settings, command.overrides);
        this.reply(command.callId, { kind: 'ok' });
        break;
      case 'compact':
        this.#compact(command);
        break;
      case 'rollback':
        this.#rollBack(command);
        break;
    }
  }

  /** Interrupts what runs, waits for its end and takes nothing more. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#running?.turn.interrupt();
    await this.#running?.ended;
    await this.#rollingBack;
    await this.#parts.onClosed();
  }

  /** A turn that is being interrupted takes nothing more, nor does a thread that is rolled back: what comes then is for after. */
  #mustWait({ kind }: SessionCommand): boolean {
    if (this.#rollingBack !== null) return kind !== 'rollback';
    return this.#running?.turn.signal.aborted === true && kind !== 'interrupt';
  }

  #startTurn(command: SessionCommand & { kind: 'startTurn' }): void {
    this.#settings = applyChange(this.#settings, command.overrides);
    if (this.#running !== null) {
      const turnId = this.#running.turn.id;
      this.#park(command);
      this.reply(command.callId, { kind: 'turn', turnId, joined: true });
      return;
    }
    const input = { itemId: command.itemId, content: command.input };
    const turn = this.#newTurn(command.outputSchema);
    this.reply(command.callId, { kind: 'turn', turnId: turn.id, joined: false });
    this.#run(turn, () => runTurn(this, turn, input));
  }

  #steer(command: SessionCommand & { kind: 'steer' }): void {
    const running = this.#running?.turn.id;
    if (running === undefined) {
      this.reply(command.callId, { kind: 'failed', code: 'invalid-state', message: 'no active turn to steer' });
    } else if (running !== command.expectedTurnId) {
      const message = `expected active turn id \`${command.expectedTurnId}\` but found \`${running}\``;
      this.reply(command.callId, { kind: 'failed', code: 'invalid-state', message });
    } else {
      this.#park(command);
      this.reply(command.callId, { kind: 'turn', turnId: running, joined: true });
    }
  }

  #park({ itemId, input }: SessionCommand & { kind: 'startTurn' | 'steer' }): void {
    this.#parked.push({ itemId, content: input });
  }

  #interrupt(command: SessionCommand & { kind: 'interrupt' }): void {
    const running = this.#running?.turn;
    if (running === undefined) {
      this.reply(command.callId, { kind: 'ok' });
    } else if (command.turnId !== null && command.turnId !== running.id) {
      const message = `expected active turn id \`${command.turnId}\` but found \`${running.id}\``;
      this.reply(command.callId, { kind: 'failed', code: 'invalid-state', message });
    } else {
      this.#interrupts.push(command.callId);
      running.interrupt();
    }
  }

  #compact(command: SessionCommand & { kind: 'compact' }): void {
    if (this.#running !== null) {
      const message = 'cannot compact while a turn is running';
      this.reply(command.callId, { kind: 'failed', code: 'invalid-state', message });
      return;
    }
    const turn = this.#newTurn(undefined);
    this.reply(command.callId, { kind: 'turn', turnId: turn.id, joined: false });
    this.#run(turn, () => runCompaction(this, turn));
  }

  #rollBack({ callId, numTurns }: SessionCommand & { kind: 'rollback' }): void {
    if (this.#rollingBack !== null) {
      const message = 'rollback already in progress for this thread';
      this.reply(callId, { kind: 'failed', code: 'invalid-state', message });
    } else if (this.#running !== null) {
      this.reply(callId, refuseRollback(this));
    } else {
      this.#rollingBack = rollBack(this, numTurns).then((reply) => {
        this.#rollingBack = null;
        this.reply(callId, reply);
        this.#submitQueued();
      });
    }
  }

  #newTurn(outputSchema: unknown): TurnState {
    return new TurnState({ id: this.services.newId(), settings: this.#settings, outputSchema, diff: new TurnDiff() });
  }

  #run(turn: TurnState, body: TurnBody): void {
    const onEnded = (): void => {
      this.#running = null;
    };
    const ended = endTurn(this, turn, () => this.writable().then(body), onEnded).then(() => this.#submitQueued());
    this.#running = { turn, ended };
  }

  #submitQueued(): void {
    for (const command of this.#queued.splice(0)) this.submit(command);
  }
}
