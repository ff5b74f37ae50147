/**
 * Binds the handlers of one area to the declarations of their methods. In: handlers. Out: the same handlers. A method that is not
 * declared does not compile, nor does an answer that lacks a member or has one that is not declared. No state.
 */
import type { EncodedJson } from '../base/encoded-json.ts';
import type { ResultOf } from '../protocol/registry.ts';
import type { HandlerTable } from '../rpc/application.ts';

/**
 * The handlers of an area. TypeScript itself accepts a function whose result has more members than its type says: those are looked for
 * here, and the error names them.
 */
export const defineHandlers = <const H extends Partial<HandlerTable>>(handlers: H & Check<Undeclared<H>>): H =>
  handlers;

type Check<Name extends string> = [Name] extends [never] ? unknown : { readonly 'not declared': Name };

/** Names of methods and of members that are not declared. */
type Undeclared<H> = {
  [M in keyof H & string]: M extends keyof HandlerTable ? InAnswer<Answer<H[M]>, ResultOf<M>> : M;
}[keyof H & string];

type Answer<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;

/** Two levels deep: what lies deeper has a type of the protocol already, and looking there takes the compiler minutes. */
type InAnswer<Given, Declared> = Given extends EncodedJson
  ? never
  :
      | InValue<Given, Declared>
      | { [K in keyof Given & string]: InValue<Given[K], Member<Declared, K>> }[keyof Given & string];

type InValue<Given, Declared> = Given extends EncodedJson
  ? never
  : Given extends readonly (infer Item)[]
    ? InValue<Item, ItemOf<Declared>>
    : Given extends object
      ? Exclude<keyof Given & string, NameIn<Declared>>
      : never;

type NameIn<T> = T extends unknown ? keyof T : never;
type Member<T, K> = T extends unknown ? (K extends keyof T ? T[K] : never) : never;
type ItemOf<T> = T extends readonly (infer Item)[] ? Item : never;
