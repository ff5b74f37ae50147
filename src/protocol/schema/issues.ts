/**
 * Decodes what the other side sent against a declaration. In: a declaration or schema and a parsed JSON value. Out: the
 * typed value with defaults filled in and unknown members left out, or one text that says what is wrong. No state.
 *
 * The check itself is zod's; a value that it refuses is read a second time by `decode.ts`, which finds the text and
 * accepts the rarer spellings (arrays in the place of objects, older names).
 */
import * as z from 'zod/mini';
import type { ParamsOfDeclaration, RequestDeclaration } from '../define.ts';
import { Mismatch, read, readUnit } from './decode.ts';
import type { AnySchema, Schema, ZodSchema } from './schema.ts';

/** A decoded value, or what is wrong with it. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** Runs a reading and turns what it finds wrong into a verdict; other errors are bugs and pass. */
const verdictOf = <T>(reading: () => Decoded<T>): Decoded<T> => {
  try {
    return reading();
  } catch (error) {
    if (error instanceof Mismatch) return { ok: false, message: error.message };
    // A value nested deeper than the call stack allows.
    if (error instanceof RangeError) return { ok: false, message: 'recursion limit exceeded' };
    throw error;
  }
};

/** Checks a value against a schema. The message has no prefix; never throws on any JSON value. */
export const decode = <Z extends ZodSchema>({ zod: schema }: Schema<Z>, value: unknown): Decoded<z.output<Z>> =>
  verdictOf(() => {
    const direct = z.safeParse(schema, value);
    if (direct.success) return { ok: true, value: direct.data };
    const plain = z.safeParse(schema, read(schema, value));
    if (plain.success) return { ok: true, value: plain.data };
    return { ok: false, message: plain.error.issues.at(0)?.message ?? 'invalid value' };
  });

/**
 * The same without the rarer spellings: for what must mean exactly what it says. The message is that of the lenient reading
 * where that finds something wrong as well.
 */
export const decodeExactly = <Z extends ZodSchema>(schema: Schema<Z>, value: unknown): Decoded<z.output<Z>> => {
  const direct = z.safeParse(schema.zod, value);
  if (direct.success) return { ok: true, value: direct.data };
  const lenient = decode(schema, value);
  return lenient.ok ? { ok: false, message: 'it is not spelled as the protocol spells it' } : lenient;
};

const decodeNothing = (params: unknown): Decoded<undefined> =>
  verdictOf(() => {
    if (params !== undefined) readUnit(params);
    return { ok: true, value: undefined };
  });

/**
 * Checks the params of a request (undefined when the request has none). The message is the whole text of the error
 * response, its `Invalid request: ` prefix included. Never throws on any JSON value.
 */
export const decodeParams = <D extends RequestDeclaration>(
  declaration: D,
  params: unknown,
): Decoded<ParamsOfDeclaration<D>> => {
  const verdict = judgeParams(declaration.params, params);
  // The declaration's own schema produced the value.
  if (verdict.ok) return verdict as Decoded<ParamsOfDeclaration<D>>;
  return { ok: false, message: `Invalid request: ${verdict.message}` };
};

const judgeParams = (schema: AnySchema | null, params: unknown): Decoded<unknown> => {
  if (schema === null) return decodeNothing(params);
  if (params === undefined || params === null) return { ok: false, message: 'missing field `params`' };
  return decode(schema, params);
};
