/**
 * All that can be said on the wire. In: every declaration that an area's file exports; exporting one registers it. Out: lists in the
 * order of `published.ts`, additions behind, the unions of method names, and the params and result of each method. No state.
 */
import * as account from './account.ts';
import * as approvals from './approvals.ts';
import * as apps from './apps.ts';
import * as command from './command.ts';
import * as config from './config.ts';
import type { ParamsOfDeclaration, RequestDeclaration, ResultOfDeclaration } from './define.ts';
import * as feedback from './feedback.ts';
import * as initialize from './initialize.ts';
import * as items from './items.ts';
import * as legacyApprovals from './legacy/approvals.ts';
import * as legacyAuth from './legacy/auth.ts';
import * as legacyConversations from './legacy/conversations.ts';
import * as legacyEvents from './legacy/events.ts';
import * as legacyMisc from './legacy/misc.ts';
import * as mcp from './mcp.ts';
import * as models from './models.ts';
import { PUBLISHED_CLIENT_REQUESTS, PUBLISHED_NOTIFICATIONS, PUBLISHED_SERVER_REQUESTS } from './published.ts';
import * as reviews from './reviews.ts';
import * as search from './search.ts';
import * as skills from './skills.ts';
import * as threads from './threads.ts';
import * as turns from './turns.ts';
import * as usage from './usage.ts';

/** Every file that declares requests or notifications. */
const AREAS = [
  account,
  approvals,
  apps,
  command,
  config,
  feedback,
  initialize,
  items,
  legacyApprovals,
  legacyAuth,
  legacyConversations,
  legacyEvents,
  legacyMisc,
  mcp,
  models,
  reviews,
  search,
  skills,
  threads,
  turns,
  usage,
] as const;

type ExportsOf<A> = A extends unknown ? A[keyof A] : never;
type Exported = ExportsOf<(typeof AREAS)[number]>;
type Declaration<K extends string> = Extract<Exported, { readonly kind: K }>;

const exported: readonly Exported[] = AREAS.flatMap((area): Exported[] => Object.values(area));

/** The declarations of a kind: first those of the names, in their order, then the others. */
function declared<K extends Declaration<string>['kind']>(kind: K, names: readonly string[]) {
  const all = exported.filter((value): value is Declaration<K> => 'kind' in value && value.kind === kind);
  const published = names.flatMap((name) => all.filter(({ method }) => method === name));
  const added = all.filter(({ method }) => !names.includes(method));
  return { published, added, all: [...published, ...added] };
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
