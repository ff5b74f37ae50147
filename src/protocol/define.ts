/**
 * One declaration per method: its name, its params and its result. From it derive the static types, the run-time check
 * and the published schema. In: zod schemas. Out: plain records, listed in order by `registry.ts`. No state.
 */
import type { AnySchema } from './schema/schema.ts';
import type { Infer } from './schema/types.ts';

/** Folder of the published schema files: generation one, generation two, or the top. */
export type Folder = 'v1' | 'v2' | '';

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

export const request = <const M extends string, P extends AnySchema | null, R extends AnySchema>(
  method: M,
  params: P,
  result: R,
  { folder = 'v2' }: Placement = {},
): RequestDeclaration<M, P, R> => ({ kind: 'request', method, params, result, folder });

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

export const notification = <const M extends string, P extends AnySchema>(
  method: M,
  params: P,
  { folder = 'v2' }: Placement = {},
): NotificationDeclaration<M, P> => ({ kind: 'notification', method, params, folder });

export const clientNotification = <const M extends string>(method: M): ClientNotificationDeclaration<M> => ({
  kind: 'clientNotification',
  method,
});

export type ParamsOfDeclaration<D> = D extends { readonly params: infer P }
  ? P extends AnySchema
    ? Infer<P>
    : undefined
  : never;
export type ResultOfDeclaration<D> = D extends { readonly result: infer R extends AnySchema } ? Infer<R> : never;
