/** The handshake. On the start-up path: imports nothing but the vocabulary. */
import { clientNotification, request } from './define.ts';
import * as t from './schema/types.ts';

/** The client's name and version. */
export const ClientInfo = t.struct('ClientInfo', {
  /** Becomes part of the user agent; it must be a valid HTTP header value. */
  name: t.string,
  title: t.orNull(t.string),
  version: t.string,
});
export type ClientInfo = t.Infer<typeof ClientInfo>;

/** What the client can do and does not want to receive; other members are ignored. */
export const InitializeCapabilities = t.addition(
  t.struct('InitializeCapabilities', {
    /** Whether the client knows experimental methods. */
    experimentalApi: t.opt(t.boolean),
    /** Exact method names; `codex/event/*` stands for the whole family. */
    optOutNotificationMethods: t.opt(t.list(t.string)),
  }),
);
export type InitializeCapabilities = t.Infer<typeof InitializeCapabilities>;

/** Params of `initialize`. */
export const InitializeParams = t.struct('InitializeParams', {
  clientInfo: ClientInfo,
  capabilities: t.addition(t.opt(InitializeCapabilities)),
});
export type InitializeParams = t.Infer<typeof InitializeParams>;

/** Answers `initialize`. */
export const InitializeResponse = t.struct('InitializeResponse', {
  /** The user agent that requests to the model service carry. */
  userAgent: t.string,
});
export type InitializeResponse = t.Infer<typeof InitializeResponse>;

/** Opens the session; it must come before every other request. */
export const initialize = request('initialize', InitializeParams, InitializeResponse, { folder: 'v1' });

/** Messages of the handshake. */
export const handshakeMessages = [
  initialize,
  /** Confirms the answer to `initialize`. */
  clientNotification('initialized'),
] as const;
