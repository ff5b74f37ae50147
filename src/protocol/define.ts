/**
 * One declaration per method: its name, its params and its result. From it derive the static types, the run-time check
 * and the published schema. In: zod schemas. Out: plain records, listed in order by `registry.ts`. No state.
 */
import type { AnySchema } from './schema/schema.ts';
import type { Infer } from './schema/types.ts';

/** Folder of the published schema files: generation one, generation two, or the top. */
export type Folder = 'v1' | 'v2' | '';

/** Where a declaration is published. */
export interface Placement {
  readonly folder?: Folder;
}

/** A client's request; `params` is null for methods that take none. */
export interface RequestDeclaration<
  M extends string = string,
  P extends AnySchema | null = AnySchema | null,
  R extends AnySchema = AnySchema,
> {
  readonly kind: 'request';
  readonly method: M;
  readonly params: P;
  readonly result: R;
  readonly folder: Folder;
}

/** A request that the server makes and the client answers. */
export interface ServerRequestDeclaration<
  M extends string = string,
  P extends AnySchema = AnySchema,
  R extends AnySchema = AnySchema,
> {
  readonly kind: 'serverRequest';
  readonly method: M;
  readonly params: P;
  readonly result: R;
  readonly folder: Folder;
}

/** A notification that the server sends. */
export interface NotificationDeclaration<M extends string = string, P extends AnySchema = AnySchema> {
  readonly kind: 'notification';
  readonly method: M;
  readonly params: P;
  readonly folder: Folder;
}

/** A notification from the client; it carries nothing. */
export interface ClientNotificationDeclaration<M extends string = string> {
  readonly kind: 'clientNotification';
  readonly method: M;
}

/** Declares a request of the client. */
export const request = <const M extends string, P extends AnySchema | null, R extends AnySchema>(
  method: M,
  params: P,
  result: R,
  { folder = 'v2' }: Placement = {},
): RequestDeclaration<M, P, R> => ({ kind: 'request', method, params, result, folder });

/** Declares a request that the server makes. */
export const serverRequest = <const M extends string, P extends AnySchema, R extends AnySchema>(
  method: M,
  params: P,
  result: R,
): ServerRequestDeclaration<M, P, R> => ({
  kind: 'serverRequest',
  method,
  params,
  result,
  folder: '',
});

/** Declares a notification that the server sends. */
export const notification = <const M extends string, P extends AnySchema>(
  method: M,
  params: P,
  { folder = 'v2' }: Placement = {},
): NotificationDeclaration<M, P> => ({ kind: 'notification', method, params, folder });

/** Declares a notification of the client. */
export const clientNotification = <const M extends string>(method: M): ClientNotificationDeclaration<M> => ({
  kind: 'clientNotification',
  method,
});

/** The decoded params of a declaration; undefined for methods that take none. */
export type ParamsOfDeclaration<D> = D extends { readonly params: infer P }
  ? P extends AnySchema
    ? Infer<P>
    : undefined
  : never;
/** The result of a declaration. */
export type ResultOfDeclaration<D> = D extends { readonly result: infer R extends AnySchema } ? Infer<R> : never;
