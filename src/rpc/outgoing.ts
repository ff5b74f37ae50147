/**
 * Messages that the server sends on its own. In: methods and params from the main thread. Out: lines to the client,
 * except those it opted out of. The connection owns the table of pending requests.
 */

import type { AskedParams, NoticeMethod, NoticeParams } from '../protocol/outbound.ts';
import type { ServerRequestMethod } from '../protocol/registry.ts';
import type { Pressure } from '../transport/write-queue.ts';
import type { ClientState } from './client-state.ts';
import type { ClientResponse, Connection } from './connection.ts';

export interface Outgoing {
  /** Queues a notification unless the client opted out of it; params may contain EncodedJson. */
  notify<M extends NoticeMethod>(method: M, params: NoticeParams<M>): void;
  /** Whether `notify` would send this method. Check it before building something costly. */
  wants(method: string): boolean;
  /**
   * Sends a request to the client, with ids from 0. Never rejects; `closed` at shutdown or if `signal` is aborted.
   */
  request<M extends ServerRequestMethod>(
    method: M,
    params: AskedParams<M>,
    signal: AbortSignal,
  ): Promise<ClientResponse>;
  /** Await `pressure.ready()` between messages if there are many. */
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
