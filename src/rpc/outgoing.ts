/**
 * What the server says of its own accord. In: methods and params from any main-thread part. Out: lines to the client, minus
 * those it opted out of. The pending table is the connection's.
 */

import type { AskedParams, NoticeMethod, NoticeParams } from '../protocol/outbound.ts';
import type { ServerRequestMethod } from '../protocol/registry.ts';
import type { Pressure } from '../transport/write-queue.ts';
import type { ClientState } from './client-state.ts';
import type { ClientAnswer, Connection } from './connection.ts';

export interface Outgoing {
  /** Queues a notification unless the client opted out of it; params may hold EncodedJson. */
  notify<M extends NoticeMethod>(method: M, params: NoticeParams<M>): void;
  /** Whether `notify` would send this method: ask before building something costly. */
  wants(method: string): boolean;
  /** Asks the client, with ids from 0. Never rejects; `closed` at shutdown or when `signal` is aborted. */
  request<M extends ServerRequestMethod>(method: M, params: AskedParams<M>, signal: AbortSignal): Promise<ClientAnswer>;
  /** Await `pressure.ready()` between messages when there are many. */
  readonly pressure: Pressure;
}

export function createOutgoing(connection: Connection, client: ClientState): Outgoing {
  return {
    notify: (method, params) => {
      if (client.wants(method)) connection.notify(method, params);
    },
    wants: (method) => client.wants(method),
    request: (method, params, signal) => connection.request(method, params, signal),
    pressure: connection.pressure,
  };
}
