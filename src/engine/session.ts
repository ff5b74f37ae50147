/**
 * A loaded thread inside its shard.
 *
 * In: commands, in the order the client gave them, and answers to what a turn asked. Out: events and replies.
 * It owns the thread's settings, history, usage and rules, the turn that runs, and input that waits for it.
 */
import type { EffectiveConfig } from '../config/effective.ts';
import type { ExecPolicy } from '../execpolicy/policy.ts';
import { TurnDiff } from '../patch/turn-diff.ts';
import type { ClientAnswer, CommandReply, SkillReference, ThreadCommand } from '../pool/contract/turn-shard.ts';
import type { UserInput } from '../protocol/items.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import { runCompaction } from './compact.ts';
import type { UserQuestion } from './events.ts';
import type { History } from './history.ts';
import { type ApprovalOutcome, type ApprovalRequest, Questions } from './questions.ts';
import type { Recorder } from './recorder.ts';
import type { EngineServices } from './services.ts';
import { applyChange, type SettingsChange, type TurnSettings } from './settings.ts';
import { endTurn, runTurn, type TurnBody } from './turn.ts';
import { TurnState } from './turn-state.ts';
import type { Usage } from './usage.ts';

export interface SessionParts {
  readonly threadId: string;
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
  readonly reply: (callId: number, reply: CommandReply) => void;
  /** Called once, when the session is closed and its file may be too. */
  readonly onClosed: () => void;
}

export class Session {
  readonly threadId: string;
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
  policy: ExecPolicy;
  /** Settings that the model knows of: those of the last regular turn. */
  lastTurnSettings: TurnSettings;
  readonly #parts: SessionParts;
  readonly #questions: Questions;
  readonly #parked: (readonly UserInput[])[] = [];
  readonly #interrupts: number[] = [];
  readonly #queued: ThreadCommand[] = [];
  #settings: TurnSettings;
  #deferred: SessionParts['deferredContext'];
  #running: { readonly turn: TurnState; readonly ended: Promise<void> } | null = null;

  constructor(parts: SessionParts) {
    this.threadId = parts.threadId;
    this.config = parts.config;
    this.services = parts.services;
    this.history = parts.history;
    this.recorder = parts.recorder;
    this.usage = parts.usage;
    this.skills = parts.skills;
    this.baseInstructions = parts.baseInstructions;
    this.userInstructions = parts.userInstructions;
    this.policy = parts.policy;
    this.lastTurnSettings = parts.settings;
    this.#settings = parts.settings;
    this.#deferred = parts.deferredContext;
    this.#parts = parts;
    this.#questions = new Questions((event) => this.recorder.event(event));
  }

  get runningTurnId(): string | null {
    return this.#running?.turn.id ?? null;
  }

  get hasParked(): boolean {
    return this.#parked.length > 0;
  }

  takeParked(): readonly UserInput[] | undefined {
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
    this.recorder.event({ kind: 'tokenCount', turnId, usage: this.usage.info, rateLimits: this.usage.rateLimits });
  }

  /** Sends the turn's diff when there is one. */
  async reportDiff(turn: TurnState): Promise<void> {
    const diff = await turn.diff.render();
    if (diff !== '') this.recorder.event({ kind: 'turnDiff', turnId: turn.id, diff });
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

  submit(command: ThreadCommand): void {
    // A turn that is being interrupted takes nothing more: what follows is for the turn after it.
    if (this.#running?.turn.signal.aborted === true && command.kind !== 'interrupt') {
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
      case 'compact':
        this.#compact(command);
        break;
    }
  }

  /** Interrupts what runs and waits for its end. */
  async close(): Promise<void> {
    this.#running?.turn.interrupt();
    await this.#running?.ended;
    this.#parts.onClosed();
  }

  #startTurn(command: ThreadCommand & { kind: 'startTurn' }): void {
    this.#settings = applyChange(this.#settings, command.overrides satisfies SettingsChange);
    if (this.#running !== null) {
      const turnId = this.#running.turn.id;
      if (command.input.length > 0) this.#parked.push(command.input);
      this.reply(command.callId, { kind: 'turn', turnId, joined: true });
      return;
    }
    const { input } = command;
    const turn = this.#newTurn(command.outputSchema);
    this.reply(command.callId, { kind: 'turn', turnId: turn.id, joined: false });
    this.#run(turn, () => runTurn(this, turn, input));
  }

  #steer(command: ThreadCommand & { kind: 'steer' }): void {
    const running = this.#running?.turn.id;
    if (running === undefined) {
      this.reply(command.callId, { kind: 'failed', code: 'invalid-state', message: 'no active turn to steer' });
    } else if (running !== command.expectedTurnId) {
      const message = `expected active turn id \`${command.expectedTurnId}\` but found \`${running}\``;
      this.reply(command.callId, { kind: 'failed', code: 'invalid-state', message });
    } else {
      if (command.input.length > 0) this.#parked.push(command.input);
      this.reply(command.callId, { kind: 'turn', turnId: running, joined: true });
    }
  }

  #interrupt(command: ThreadCommand & { kind: 'interrupt' }): void {
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

  #compact(command: ThreadCommand & { kind: 'compact' }): void {
    if (this.#running !== null) {
      const message = 'cannot compact while a turn is running';
      this.reply(command.callId, { kind: 'failed', code: 'invalid-state', message });
      return;
    }
    const turn = this.#newTurn(undefined);
    this.reply(command.callId, { kind: 'turn', turnId: turn.id, joined: false });
    this.#run(turn, () => runCompaction(this, turn));
  }

  #newTurn(outputSchema: unknown): TurnState {
    const diff = new TurnDiff();
    return new TurnState({ id: this.services.newId(), settings: this.#settings, outputSchema, diff });
  }

  #run(turn: TurnState, body: TurnBody): void {
    const ended = endTurn(this, turn, body, () => {
      this.#running = null;
    }).then(() => {
      for (const command of this.#queued.splice(0)) this.submit(command);
    });
    this.#running = { turn, ended };
  }
}
