/**
 * A loaded thread inside its shard.
 *
 * In: commands, in the order the client gave them, and answers to what a turn asked. Out: events and replies.
 * It owns the thread's settings, the turn that runs, and input that waits for it. What turns work with (history, recorder,
 * usage, grants) goes to each part of a turn by itself: nothing but the shard and what opens threads knows the session.
 */

import { isDeepStrictEqual } from 'node:util';
import { applyChange, type TurnSettings } from '../contract/turn-settings.ts';
import type { ClientAnswer, CommandReply, ThreadCommand, TurnOverrides } from '../contract/turn-shard.ts';
import { TurnDiff } from '../patch/turn-diff.ts';
import { InputQueue } from './input-queue.ts';
import { Questions } from './questions.ts';
import type { Recorder } from './recorder.ts';
import { type RollbackDeps, refuseRollback, rollBack } from './rollback.ts';
import { type TurnBody, type TurnDeps, type TurnEnd, TurnRunner } from './turn.ts';
import { TurnState } from './turn-state.ts';
import type { GivenInput } from './user-input.ts';

type SessionCommand = Exclude<ThreadCommand, { kind: 'close' }>;

export type SessionParts = Omit<TurnDeps, 'questions' | 'queue'> &
  RollbackDeps & {
    readonly recorder: Pick<Recorder, 'showRawItems'>;
    readonly settingsChanged: (settings: TurnSettings) => void;
    readonly reply: (callId: number, reply: CommandReply) => void;
    /** Called once, when the session is closed and its file may be too. */
    readonly onClosed: () => Promise<void>;
  };

export class Session {
  readonly #parts: SessionParts;
  readonly #turns: TurnRunner;
  readonly #questions: Questions;
  /** Input for the running turn. */
  readonly #input = new InputQueue();
  /** Interrupts that wait for the running turn's end. */
  readonly #interrupts: number[] = [];
  readonly #queued: SessionCommand[] = [];
  #settings: TurnSettings;
  /** A rollback that is being worked on. */
  #rollingBack: Promise<void> | null = null;
  #closing = false;
  #running: { readonly turn: TurnState; readonly ended: Promise<void> } | null = null;

  constructor(parts: SessionParts) {
    const { recorder, settings } = parts;
    this.#parts = parts;
    this.#questions = new Questions((event) => recorder.storeAndEmit(event));
    this.#turns = new TurnRunner({ ...parts, questions: this.#questions, queue: this.#input });
    this.#settings = settings;
  }

  get runningTurnId(): string | null {
    return this.#running?.turn.id ?? null;
  }

  /** What the next turn runs under. */
  get settings(): TurnSettings {
    return this.#settings;
  }

  /** From now on every history item is emitted as it is, too. */
  showRawItems(): void {
    this.#parts.recorder.showRawItems();
  }

  answer(requestKey: string, answer: ClientAnswer): void {
    this.#questions.answer(requestKey, answer);
  }

  submit(command: SessionCommand): void {
    if (this.#closing) {
      const message = `thread not found: ${this.#parts.threadId}`;
      this.#parts.reply(command.callId, { kind: 'failed', code: 'thread-not-found', message });
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
        this.#change(command.overrides);
        this.#parts.reply(command.callId, { kind: 'ok' });
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

  #change(overrides: TurnOverrides): void {
    const settings = applyChange(this.#settings, overrides);
    if (isDeepStrictEqual(settings, this.#settings)) return;
    this.#settings = settings;
    this.#parts.settingsChanged(settings);
  }

  #startTurn(command: SessionCommand & { kind: 'startTurn' }): void {
    this.#change(command.overrides);
    if (this.#running !== null) {
      const turnId = this.#running.turn.id;
      this.#input.add(inputOf(command));
      this.#parts.reply(command.callId, { kind: 'turn', turnId, joined: true });
      return;
    }
    const input = inputOf(command);
    const turn = this.#newTurn(command.outputSchema);
    this.#parts.reply(command.callId, { kind: 'turn', turnId: turn.id, joined: false });
    this.#run(turn, { kind: 'conversation', input });
  }

  #steer(command: SessionCommand & { kind: 'steer' }): void {
    const running = this.#running?.turn.id;
    if (running === undefined) {
      this.#parts.reply(command.callId, { kind: 'failed', code: 'invalid-state', message: 'no active turn to steer' });
    } else if (running !== command.expectedTurnId) {
      const message = `expected active turn id \`${command.expectedTurnId}\` but found \`${running}\``;
      this.#parts.reply(command.callId, { kind: 'failed', code: 'invalid-state', message });
    } else {
      this.#input.add(inputOf(command));
      this.#parts.reply(command.callId, { kind: 'turn', turnId: running, joined: true });
    }
  }

  #interrupt(command: SessionCommand & { kind: 'interrupt' }): void {
    const running = this.#running?.turn;
    if (running === undefined) {
      this.#parts.reply(command.callId, { kind: 'ok' });
    } else if (command.turnId !== null && command.turnId !== running.id) {
      const message = `expected active turn id \`${command.turnId}\` but found \`${running.id}\``;
      this.#parts.reply(command.callId, { kind: 'failed', code: 'invalid-state', message });
    } else {
      this.#interrupts.push(command.callId);
      running.interrupt();
    }
  }

  #compact(command: SessionCommand & { kind: 'compact' }): void {
    if (this.#running !== null) {
      const message = 'cannot compact while a turn is running';
      this.#parts.reply(command.callId, { kind: 'failed', code: 'invalid-state', message });
      return;
    }
    const turn = this.#newTurn(undefined);
    this.#parts.reply(command.callId, { kind: 'turn', turnId: turn.id, joined: false });
    this.#run(turn, { kind: 'compaction' });
  }

  #rollBack({ callId, numTurns }: SessionCommand & { kind: 'rollback' }): void {
    if (this.#rollingBack !== null) {
      const message = 'rollback already in progress for this thread';
      this.#parts.reply(callId, { kind: 'failed', code: 'invalid-state', message });
    } else if (this.#running !== null) {
      this.#parts.reply(callId, refuseRollback(this.#parts));
    } else {
      this.#rollingBack = rollBack(this.#parts, this.#settings, numTurns).then((reply) => {
        this.#rollingBack = null;
        this.#parts.reply(callId, reply);
        this.#submitQueued();
      });
    }
  }

  #newTurn(outputSchema: unknown): TurnState {
    return new TurnState({
      id: this.#parts.services.newId(),
      settings: this.#settings,
      outputSchema,
      diff: new TurnDiff(),
    });
  }

  #run(turn: TurnState, body: TurnBody): void {
    const end: TurnEnd = {
      ended: () => {
        this.#running = null;
      },
      answerInterrupts: () => {
        for (const callId of this.#interrupts.splice(0)) this.#parts.reply(callId, { kind: 'ok' });
      },
    };
    const ended = this.#turns.run(turn, body, this.#parts.writable(), end).then(() => this.#submitQueued());
    this.#running = { turn, ended };
  }

  #submitQueued(): void {
    for (const command of this.#queued.splice(0)) this.submit(command);
  }
}

const inputOf = ({ itemId, input }: SessionCommand & { kind: 'startTurn' | 'steer' }): GivenInput => ({
  itemId,
  content: input,
});
