/**
 * Whether the machine has room for a request. In: a method. Out: an error in words when too few files can be opened for it. Requests
 * that open threads or start searches leave the rest to what runs already; those that end something always pass.
 */
import { Descriptors, tooManyFilesText } from '../base/descriptors.ts';
import { AppError } from '../base/errors.ts';
import type { ApplicationMethod } from '../rpc/application.ts';

/**
 * Descriptors that have to be free. A thread keeps two (its file and its lock), a worker that starts some five, a command eight, for
 * as long as they run; a request that only reads needs a few for a moment.
 */
const FOR_THREAD = 24;
const FOR_SEARCH = 24;
const FOR_FILES = 10;
/** Of each request that has passed and whose descriptors are not open yet. */
const FOR_EACH_UNDER_WAY = 4;

interface Need {
  readonly count: number;
  /** Goes on from "cannot". */
  readonly doing: string;
}

const OPENS_THREAD: Need = { count: FOR_THREAD, doing: 'open a thread' };
const SEARCHES: Need = { count: FOR_SEARCH, doing: 'search files' };
const STARTS_TURN: Need = { count: FOR_FILES, doing: 'start a turn' };

const NEEDS: Partial<Record<ApplicationMethod, Need>> = {
  'thread/start': OPENS_THREAD,
  'thread/resume': OPENS_THREAD,
  'thread/fork': OPENS_THREAD,
  newConversation: OPENS_THREAD,
  resumeConversation: OPENS_THREAD,
  forkConversation: OPENS_THREAD,
  fuzzyFileSearch: SEARCHES,
  'fuzzyFileSearch/sessionStart': SEARCHES,
  'turn/start': STARTS_TURN,
  sendUserMessage: STARTS_TURN,
  sendUserTurn: STARTS_TURN,
  'thread/compact/start': STARTS_TURN,
};

/** What needs no descriptor of its own, or gives some back. */
const ALWAYS: ReadonlySet<ApplicationMethod> = new Set([
  'thread/loaded/list',
  'thread/unsubscribe',
  'thread/archive',
  'archiveConversation',
  'turn/interrupt',
  'turn/steer',
  'interruptConversation',
  'addConversationListener',
  'removeConversationListener',
  'fuzzyFileSearch/sessionStop',
  'fuzzyFileSearch/sessionUpdate',
  'account/login/cancel',
  'cancelLoginChatGpt',
  'account/read',
  'account/logout',
  'logoutChatGpt',
  'getAuthStatus',
  'getUserAgent',
  'userInfo',
  'model/list',
  'collaborationMode/list',
]);

export interface RoomDeps {
  /** Tries to have so many descriptors free, by letting go of what is not in use. */
  makeRoom(count: number): Promise<void>;
}

export class Room {
  readonly #deps: RoomDeps;
  readonly #descriptors = new Descriptors();
  #underWay = 0;

  constructor(deps: RoomDeps) {
    this.#deps = deps;
  }

  /** Throws AppError `too-many-files`. What it gives is to be called when the request has been answered. */
  async enter(method: ApplicationMethod): Promise<() => void> {
    if (ALWAYS.has(method)) return () => undefined;
    const { count, doing } = NEEDS[method] ?? { count: FOR_FILES, doing: `answer ${method}` };
    const wanted = count + FOR_EACH_UNDER_WAY * this.#underWay;
    this.#underWay += 1;
    try {
      if (!this.#descriptors.hasRoomFor(wanted)) await this.#deps.makeRoom(wanted);
      if (!this.#descriptors.hasRoomFor(wanted)) throw new AppError('too-many-files', tooManyFilesText(doing));
    } catch (error) {
      this.#underWay -= 1;
      throw error;
    }
    return () => {
      this.#underWay -= 1;
    };
  }
}
