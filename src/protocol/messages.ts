/** The frame around every message. `jsonrpc` is neither written nor asked for. */
import * as t from './schema/types.ts';

/** The id that joins a response to its request. */
export const RequestId = t.untagged('RequestId', [t.string, t.int64]);
export type RequestId = t.Infer<typeof RequestId>;

/** Says why a request failed. */
export const JSONRPCErrorError = t.struct('JSONRPCErrorError', { code: t.int64, data: t.anything, message: t.string });
export type JSONRPCErrorError = t.Infer<typeof JSONRPCErrorError>;

/** The response to a request that failed. */
export const JSONRPCError = t.struct('JSONRPCError', { error: JSONRPCErrorError, id: RequestId });
export type JSONRPCError = t.Infer<typeof JSONRPCError>;

/** A message that nobody answers. */
export const JSONRPCNotification = t.struct('JSONRPCNotification', { method: t.string, params: t.anything });
export type JSONRPCNotification = t.Infer<typeof JSONRPCNotification>;

/** A message that the other side answers. */
export const JSONRPCRequest = t.struct('JSONRPCRequest', { id: RequestId, method: t.string, params: t.anything });
export type JSONRPCRequest = t.Infer<typeof JSONRPCRequest>;

/** The response to a request that succeeded. */
export const JSONRPCResponse = t.struct('JSONRPCResponse', { id: RequestId, result: t.json });
export type JSONRPCResponse = t.Infer<typeof JSONRPCResponse>;

/** One line of the wire. */
export const JSONRPCMessage = t.untagged('JSONRPCMessage', [
  JSONRPCRequest,
  JSONRPCNotification,
  JSONRPCResponse,
  JSONRPCError,
]);
export type JSONRPCMessage = t.Infer<typeof JSONRPCMessage>;
