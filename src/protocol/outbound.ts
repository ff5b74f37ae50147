/**
 * What leaves the server, typed by its declarations: answers, notifications, events of the older protocol, and requests to the
 * client. No state.
 */
import type { EncodedJson } from '../base/encoded-json.ts';
import type { EventMsg } from './legacy/events.ts';
import type { NotificationMethod, NotificationParams, ServerRequestMethod, ServerRequestParams } from './registry.ts';

/** The same value, which nobody changes any more. */
export type Unchanging<T> = T extends object ? { readonly [K in keyof T]: Unchanging<T[K]> } : T;

/** A value of a declared type on its way out: any part of it may have been encoded already. */
export type Outbound<T> = T | EncodedJson<T> | (T extends object ? { readonly [K in keyof T]: Outbound<T[K]> } : never);

/** Method prefix of events of the older protocol. */
export const LEGACY_PREFIX = 'codex/event/';

/** An event of the older protocol; its type is the rest of its method. */
export interface LegacyParams {
  readonly id: string;
  readonly msg: Unchanging<EventMsg>;
  readonly conversationId: string;
}

/** Methods of events of the older protocol. */
export type LegacyMethod = `${typeof LEGACY_PREFIX}${EventMsg['type']}`;

/** Methods of all notifications to the client. */
export type NoticeMethod = NotificationMethod | LegacyMethod;
/** Params of a notification, by its method. */
export type NoticeParams<M extends NoticeMethod> = M extends NotificationMethod
  ? Outbound<NotificationParams<M>>
  : LegacyParams;
/** A notification on its way out. */
export type Notice =
  | { [M in NotificationMethod]: { readonly method: M; readonly params: NoticeParams<M> } }[NotificationMethod]
  | { readonly method: LegacyMethod; readonly params: LegacyParams };

/** Params of a request to the client, by its method. */
export type AskedParams<M extends ServerRequestMethod> = Outbound<ServerRequestParams<M>>;
/** A request to the client on its way out. */
export type Asked = {
  [M in ServerRequestMethod]: { readonly method: M; readonly params: AskedParams<M> };
}[ServerRequestMethod];
