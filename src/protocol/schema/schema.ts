/**
 * What a declared type is. In: a way to make a zod schema, and what a schema alone does not say. Out: the schema, made with its first
 * use. State: `wire`, the one registry of the protocol.
 */
import * as z from 'zod/mini';
import type { NumberFormat } from './formats.ts';

/** What is known of a type beyond its zod schema. */
export interface WireMeta {
  /** Definition name, unique; only named types become definitions of their own. */
  readonly id?: string;
  /** What a decoder says it expected here, when the schema's own type does not tell. */
  readonly expected?: string;
  /** Integer or number format of the JSON Schema. */
  readonly format?: NumberFormat;
  /** Smallest and largest integer; undefined for numbers that need not be whole. */
  readonly range?: readonly [min: number, max: number];
  /** Why a string is refused; undefined when it is not. */
  readonly refuse?: (text: string) => string | undefined;
  /** A union's way of telling its variants apart. */
  readonly union?: 'tagged' | 'adjacent' | 'external' | 'untagged';
  /** The member that tells a tagged union's variants apart. */
  readonly tag?: string;
  /** The variant that an unknown tag stands for. */
  readonly fallback?: string;
  /** The struct whose members stand beside the tag, when it has a name. */
  readonly payload?: ZodSchema;
  /** Older spellings of variants. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Names of all variants in declaration order (external unions). */
  readonly variants?: readonly string[];
  /** Later servers have it, the compared schema does not. */
  readonly addition?: boolean;
  /** The default is filled in but not written into the schema. */
  readonly quietDefault?: boolean;
  /** An array in the place of the object may end before this member. */
  readonly mayEndBefore?: boolean;
  /** Must be there unless the named sibling is. */
  readonly requiredUnless?: string;
  /** Read from what the model service sends, never passed on. */
  readonly writeOnly?: boolean;
  /** What the published schema says of this member where the wire carries something else. */
  readonly published?: Published;
}

/** How the published schema differs from the wire. */
export interface Published {
  /** The type that stands in its place. */
  readonly definition?: AnySchema;
  /** Listed as required although it may be absent. */
  readonly required?: boolean;
}

/** All named types. */
export const wire = z.registry<WireMeta>();

/** What zod knows of a type. */
export type ZodSchema = z.core.$ZodType;

/** The kinds of schemas that `types.ts` makes. Zod has more. */
type DeclaredKind =
  | 'array'
  | 'boolean'
  | 'custom'
  | 'default'
  | 'enum'
  | 'lazy'
  | 'literal'
  | 'nullable'
  | 'object'
  | 'optional'
  | 'record'
  | 'string'
  | 'union'
  | 'unknown';

/** How zod keeps a schema. */
export type Definition = Extract<z.core.$ZodTypes['_zod']['def'], { readonly type: DeclaredKind }>;

/** How a schema was made. */
export const definitionOf = (schema: ZodSchema): Definition =>
  (schema as { _zod: { def: unknown } })._zod.def as Definition;

/**
 * A declared type. Its zod schema is made with its first use, since a client uses few of all methods and making every schema
 * would be a third of what there is to do between `initialize` and the next answer.
 */
export class Schema<Z extends ZodSchema> {
  readonly meta: WireMeta;
  readonly #make: () => Z;
  #made: Z | undefined;

  constructor(make: () => Z, meta: WireMeta = {}) {
    this.#make = make;
    this.meta = meta;
  }

  get zod(): Z {
    this.#made ??= register(this.#make(), this.meta);
    return this.#made;
  }

  /** The same type, of which more is known. */
  noted(meta: WireMeta): Schema<Z> {
    return new Schema(this.#make, { ...this.meta, ...meta });
  }
}

/** A declared type of any shape. */
export type AnySchema = Schema<ZodSchema>;

// The registry rewrites types that mention schemas.
/** What is known of a schema beyond zod; an empty record when nothing is. */
export const metaOf = (schema: ZodSchema): WireMeta => (wire.get(schema) ?? {}) as unknown as WireMeta;
/** Notes what is known of a schema. */
export const register = <Z extends ZodSchema>(schema: Z, meta: WireMeta): Z => {
  const target: ZodSchema = schema;
  wire.add(target, meta as never);
  void meta.published?.definition?.zod; // nothing else may have it made
  return schema;
};
