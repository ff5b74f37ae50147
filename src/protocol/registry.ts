/**
 * All that can be said on the wire. In: the messages that the file of each area declares. Out: lists in the order of `published.ts`,
 * additions behind, the unions of method names, and the params and result of each method. No state.
 */
import { accountMessages } from './account.ts';
import { approvalMessages } from './approvals.ts';
import { appMessages } from './apps.ts';
import { commandMessages } from './command.ts';
import { configMessages } from './config.ts';
import type { ParamsOfDeclaration, RequestDeclaration, ResultOfDeclaration } from './define.ts';
import { feedbackMessages } from './feedback.ts';
import { handshakeMessages } from './initialize.ts';
import { itemMessages } from './items.ts';
import { legacyApprovalMessages } from './legacy/approvals.ts';
import { legacyAuthMessages } from './legacy/auth.ts';
import { legacyConversationMessages } from './legacy/conversations.ts';
import { legacyEventMessages } from './legacy/events.ts';
import { legacyMiscMessages } from './legacy/misc.ts';
import { mcpMessages } from './mcp.ts';
import { modelMessages } from './models.ts';
import { PUBLISHED_CLIENT_REQUESTS, PUBLISHED_NOTIFICATIONS, PUBLISHED_SERVER_REQUESTS } from './published.ts';
import { reviewMessages } from './reviews.ts';
import { searchMessages } from './search.ts';
import { skillMessages } from './skills.ts';
import { threadMessages } from './threads.ts';
import { turnMessages } from './turns.ts';
import { usageMessages } from './usage.ts';

const messages = [
  ...accountMessages,
  ...approvalMessages,
  ...appMessages,
  ...commandMessages,
  ...configMessages,
  ...feedbackMessages,
  ...handshakeMessages,
  ...itemMessages,
  ...legacyApprovalMessages,
  ...legacyAuthMessages,
  ...legacyConversationMessages,
  ...legacyEventMessages,
  ...legacyMiscMessages,
  ...mcpMessages,
  ...modelMessages,
  ...reviewMessages,
  ...searchMessages,
  ...skillMessages,
  ...threadMessages,
  ...turnMessages,
  ...usageMessages,
] as const;

type Message = (typeof messages)[number];
type Declaration<K extends Message['kind']> = Extract<Message, { readonly kind: K }>;

/** The declarations of a kind: first those of the names, in their order, then the others. */
function declared<K extends Message['kind']>(kind: K, names: readonly string[]) {
  const places = new Map(names.map((name, place) => [name, place]));
  const placeOf = (method: string): number => places.get(method) ?? names.length;
  const all = messages
    .filter((message): message is Declaration<K> => message.kind === kind)
    .sort((a, b) => placeOf(a.method) - placeOf(b.method));
  const published = all.filter(({ method }) => places.has(method));
  return { published, added: all.slice(published.length), all };
}

/** Every request of the client. */
export const {
  published: clientRequests,
  added: addedClientRequests,
  all: allClientRequests,
} = declared('request', PUBLISHED_CLIENT_REQUESTS);

/** Every request to the client. */
export const {
  published: serverRequests,
  added: addedServerRequests,
  all: allServerRequests,
} = declared('serverRequest', PUBLISHED_SERVER_REQUESTS);

/** Every notification to the client. */
export const {
  published: notifications,
  added: addedNotifications,
  all: allNotifications,
} = declared('notification', PUBLISHED_NOTIFICATIONS);

/** Every notification of the client. */
export const { all: clientNotifications } = declared('clientNotification', []);

type ClientDeclaration = Declaration<'request'>;
type ServerDeclaration = Declaration<'serverRequest'>;
type NoticeDeclaration = Declaration<'notification'>;
type WithMethod<D, M> = Extract<D, { readonly method: M }>;

/** Methods of client requests. */
export type ClientMethod = ClientDeclaration['method'];
/** The decoded params of a client request. */
export type ParamsOf<M extends ClientMethod> = ParamsOfDeclaration<WithMethod<ClientDeclaration, M>>;
/** The result of a client request. */
export type ResultOf<M extends ClientMethod> = ResultOfDeclaration<WithMethod<ClientDeclaration, M>>;

/** Methods of requests to the client. */
export type ServerRequestMethod = ServerDeclaration['method'];
/** The params of a request to the client. */
export type ServerRequestParams<M extends ServerRequestMethod> = ParamsOfDeclaration<WithMethod<ServerDeclaration, M>>;

/** Methods of notifications. */
export type NotificationMethod = NoticeDeclaration['method'];
/** The params of a notification. */
export type NotificationParams<M extends NotificationMethod> = ParamsOfDeclaration<WithMethod<NoticeDeclaration, M>>;

/** The declaration of any client request. */
export type ClientRequestDeclaration = RequestDeclaration<ClientMethod>;

const byMethod: ReadonlyMap<string, ClientRequestDeclaration> = new Map(
  allClientRequests.map((declaration): [string, ClientRequestDeclaration] => [declaration.method, declaration]),
);
/** The declaration of a client method; undefined when there is none of that name. */
export const findClientRequest = (method: string): ClientRequestDeclaration | undefined => byMethod.get(method);

/** Says that a method does not exist, and which do. */
export const unknownMethodMessage = (method: string): string => {
  const known = clientRequests.map((declaration) => `\`${declaration.method}\``).join(', ');
  return `Invalid request: unknown variant \`${method}\`, expected one of ${known}`;
};
