import * as t from './schema/types.ts';

export const ClientInfo = t.struct('ClientInfo', { name: t.string, title: t.orNull(t.string), version: t.string });
export type ClientInfo = t.Infer<typeof ClientInfo>;

export const InitializeParams = t.struct('InitializeParams', { clientInfo: ClientInfo });
export type InitializeParams = t.Infer<typeof InitializeParams>;

export const InitializeResponse = t.struct('InitializeResponse', { userAgent: t.string });
export type InitializeResponse = t.Infer<typeof InitializeResponse>;
