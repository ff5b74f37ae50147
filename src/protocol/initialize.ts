/** The handshake. On the start-up path: imports nothing but the vocabulary. */
import { clientNotification, request } from './define.ts';
import * as t from './schema/types.ts';

export const ClientInfo = t.struct('ClientInfo', { name: t.string, title: t.orNull(t.string), version: t.string });
export type ClientInfo = t.Infer<typeof ClientInfo>;

/** What the client can do and does not want to hear; other members are ignored. */
export const InitializeCapabilities = t.addition(
  t.struct('InitializeCapabilities', {
    experimentalApi: t.opt(t.boolean),
    /** Exact method names; `codex/event/*` stands for the whole family. */
    optOutNotificationMethods: t.opt(t.list(t.string)),
  }),
);
export type InitializeCapabilities = t.Infer<typeof InitializeCapabilities>;

export const InitializeParams = t.struct('InitializeParams', {
  clientInfo: ClientInfo,
  capabilities: t.addition(t.opt(InitializeCapabilities)),
});
export type InitializeParams = t.Infer<typeof InitializeParams>;

export const InitializeResponse = t.struct('InitializeResponse', { userAgent: t.string });
export type InitializeResponse = t.Infer<typeof InitializeResponse>;

export const initialize = request('initialize', InitializeParams, InitializeResponse, { folder: 'v1' });
export const initialized = clientNotification('initialized');
