/** Commands to the shard of a thread, as they are sent and waited for. */
import type { CommandReply, ThreadCommand } from '../contract/turn-shard.ts';
import type { ListenerKind } from './listeners.ts';
import type { LoadedThread } from './loaded-thread.ts';

/** A command's outcome. The thread's later events wait until `release` is called. */
export interface Accepted {
  readonly reply: Exclude<CommandReply, { kind: 'failed' }>;
  readonly release: () => void;
}

type Unaddressed<T> = T extends ThreadCommand ? Omit<T, 'callId' | 'threadId' | 'itemId'> : never;
export type Command = Unaddressed<ThreadCommand>;

export interface CommandOptions {
  /** The protocol in which a new turn is asked for: by it the turn's questions are asked. */
  readonly startedBy?: ListenerKind;
  /** Aborted when nobody will release what waits behind the reply. */
  readonly signal?: AbortSignal;
}

type TurnReply = CommandReply & { readonly kind: 'turn' };

/** A command that has been sent. */
export interface Waiting {
  readonly callId: number;
  readonly command: Command;
  readonly thread: LoadedThread;
  readonly startedBy: ListenerKind;
  readonly itemId: string;
  resolve(accepted: Accepted): void;
  reject(error: Error): void;
}

/** `itemId` names the item that shows what a user sends. */
export const addressed = (
  command: Command,
  to: { readonly callId: number; readonly threadId: string },
  itemId: string,
): ThreadCommand => ('input' in command ? { ...command, ...to, itemId } : { ...command, ...to });

/** From here on the client counts on the turn to end and on its input to be kept. */
export function noteTurn({ thread, startedBy, itemId: id, command }: Waiting, { turnId, joined }: TurnReply): void {
  const content = 'input' in command ? command.input : [];
  if (!joined) thread.turnAccepted(turnId, startedBy);
  // A turn that begins without input shows none; one that runs takes an empty message like any other.
  if (joined || content.length > 0) thread.openItems.expect(turnId, { type: 'userMessage', id, content });
}
