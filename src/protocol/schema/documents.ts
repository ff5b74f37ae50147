/**
 * Which types get a published file of their own, and in which folder. In: the registry's declarations. Out: lists. No
 * state. Loaded only when the protocol is written down.
 */
import type { Folder } from '../define.ts';
import { EventMsg } from '../legacy/events.ts';
import {
  JSONRPCError,
  JSONRPCErrorError,
  JSONRPCMessage,
  JSONRPCNotification,
  JSONRPCRequest,
  JSONRPCResponse,
  RequestId,
} from '../messages.ts';
import {
  addedClientRequests,
  addedNotifications,
  addedServerRequests,
  clientNotifications,
  clientRequests,
  notifications,
  serverRequests,
} from '../registry.ts';
import { type AnySchema, metaOf, type ZodSchema } from './schema.ts';

/** A type with a file of its own. */
export interface Document {
  readonly folder: Folder;
  readonly id: string;
  readonly schema: ZodSchema;
}

/** What all declarations have in common; a client notification has neither params nor result. */
export interface Declared {
  readonly method: string;
  readonly params?: AnySchema | null;
  readonly result?: AnySchema;
  readonly folder?: Folder;
}

/** All messages of one kind, published as one union. */
export interface MessageKind {
  readonly id: string;
  readonly kind: 'Request' | 'Notification';
  readonly declarations: readonly Declared[];
  readonly added: readonly Declared[];
}

/** The definition name without its flavour. */
export const shortName = (id: string): string => id.replace(/^.*\//, '');
/** The definition name of a type. */
export const idOf = (schema: ZodSchema): string => metaOf(schema).id ?? 'unnamed';

const documentsOf = (declarations: readonly Declared[]): Document[] => {
  const found = new Map<string, Document>();
  const add = (declared: AnySchema | null | undefined, folder: Folder): void => {
    const schema = declared?.zod;
    if (schema !== undefined) found.set(idOf(schema), { folder, id: idOf(schema), schema });
  };
  for (const { params, folder = '' } of declarations) add(params, folder);
  for (const { result, folder = '' } of declarations) add(result, folder);
  return [...found.values()];
};

/** The four unions of messages. */
export const messageKinds: readonly MessageKind[] = [
  { id: 'ClientRequest', kind: 'Request', declarations: clientRequests, added: addedClientRequests },
  { id: 'ServerRequest', kind: 'Request', declarations: serverRequests, added: addedServerRequests },
  { id: 'ClientNotification', kind: 'Notification', declarations: clientNotifications, added: [] },
  { id: 'ServerNotification', kind: 'Notification', declarations: notifications, added: addedNotifications },
];

const messages = [
  RequestId,
  JSONRPCError,
  JSONRPCErrorError,
  JSONRPCNotification,
  JSONRPCRequest,
  JSONRPCResponse,
  JSONRPCMessage,
  EventMsg,
];

/** Types with files of their own, but for the unions of messages. */
export const documents: readonly Document[] = [
  ...messages.map(({ zod: schema }): Document => ({ folder: '', id: idOf(schema), schema })),
  ...documentsOf([...clientRequests, ...serverRequests, ...notifications]),
];

/** The same for what only later servers have. */
export const addedDocuments: readonly Document[] = documentsOf([
  ...addedClientRequests,
  ...addedServerRequests,
  ...addedNotifications,
]);
