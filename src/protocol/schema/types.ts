/**
 * The vocabulary in which every wire type is declared, on top of zod/mini (the small flavour: `initialize` is decoded on
 * the start-up path). In: names and shapes. Out: types as `schema.ts` knows them. No state.
 *
 * Names are definition names; a `core/` prefix marks the second flavour of a name that exists twice on the wire.
 */
import * as z from 'zod/mini';
import { FORMATS, type NumberFormat } from './formats.ts';
import { type AnySchema, metaOf, type Published, register, Schema, type WireMeta, type ZodSchema } from './schema.ts';

/** The type of values that a declared type describes. */
export type Infer<S extends AnySchema> = z.output<ZodOf<S>>;
type ZodOf<S extends AnySchema> = S extends Schema<infer Z> ? Z : never;
type Shape = Readonly<Record<string, AnySchema>>;
type Struct<S extends Shape> = Schema<z.ZodMiniObject<{ -readonly [K in keyof S]: ZodOf<S[K]> }, z.core.$strip>>;
type Flat<T> = { [K in keyof T]: T[K] } & {};
/** A declared type whose values have the type `T`. */
export type Typed<T> = Schema<z.ZodMiniType<T, unknown>>;

const declare = <Z extends ZodSchema>(make: () => Z, meta?: WireMeta): Schema<Z> => new Schema(make, meta);
/** For what zod's own types say less well than `T` does. */
const typed = <T>(make: () => ZodSchema, meta?: WireMeta): Typed<T> =>
  new Schema(make as unknown as () => z.ZodMiniType<T, unknown>, meta);

/** Any text. */
export const string = declare(() => z.string());
/** True or false. */
export const boolean = declare(() => z.boolean());
/** A file system path; a string whose decoder names itself differently. */
export const path = declare(() => z.string(), { expected: 'path string' });

/** A string with a rule of its own; `expected` is what its decoder calls itself. */
export const textWith = (
  refuse: (text: string) => string | undefined,
  expected = 'a string',
): Schema<z.ZodMiniCustom<string, string>> =>
  declare(() => z.custom<string>((value) => typeof value === 'string' && refuse(value) === undefined), {
    refuse,
    expected,
  });
/** Any JSON value or nothing at all. */
export const anything = declare(() => z.optional(z.unknown()));
/** Any JSON value, which must be there. */
export const json = declare(() => z.custom<unknown>((value) => value !== undefined), {
  expected: 'any valid JSON value',
});

const numeric = (format: NumberFormat): Schema<z.ZodMiniCustom<number, number>> => {
  const { expected, min, max } = FORMATS[format];
  const whole = format !== 'float' && format !== 'double';
  const fits = (value: unknown): boolean =>
    typeof value === 'number' && (!whole || Number.isInteger(value)) && min <= value && value <= max;
  return declare(() => z.custom<number>(fits), { expected, format, ...(whole ? { range: [min, max] } : {}) });
};
/** A whole number of 16 bits, from 0. */
export const uint16 = numeric('uint16');
/** A whole number of 32 bits, from 0. */
export const uint32 = numeric('uint32');
/** A whole number of 64 bits, from 0; precise up to 2^53. */
export const uint64 = numeric('uint64');
/** A whole number of 64 bits, from 0; precise up to 2^53. */
export const uint = numeric('uint');
/** A whole number of 32 bits. */
export const int32 = numeric('int32');
/** A whole number of 64 bits; precise up to 2^53. */
export const int64 = numeric('int64');
/** A number of 32 bits. */
export const float = numeric('float');
/** A number of 64 bits. */
export const double = numeric('double');

/** A list of items of one type. */
export const list = <Z extends ZodSchema>(item: Schema<Z>): Schema<z.ZodMiniArray<Z>> =>
  declare(() => z.array(item.zod));
/** An object with any keys and values of one type. */
export const mapOf = <Z extends ZodSchema>(value: Schema<Z>): Schema<z.ZodMiniRecord<z.ZodMiniString, Z>> =>
  declare(() => z.record(z.string(), value.zod));

type Opt<Z extends ZodSchema> = Schema<z.ZodMiniOptional<z.ZodMiniNullable<Z>>>;
/** May be absent or null, on both sides. */
export const opt = <Z extends ZodSchema>(inner: Schema<Z>, meta?: WireMeta): Opt<Z> =>
  declare(() => z.optional(z.nullable(inner.zod)), meta);
/** Must be there, but may be null. */
export const nullable = <Z extends ZodSchema>(inner: Schema<Z>): Schema<z.ZodMiniNullable<Z>> =>
  declare(() => z.nullable(inner.zod));
/** The same as `opt`, for members that are left out rather than written as null. */
export const omitted = <Z extends ZodSchema>(inner: Schema<Z>): Opt<Z> => opt(inner, { mayEndBefore: true });
/** May be absent when read (and becomes null); always written. */
export const orNull = <Z extends ZodSchema>(inner: Schema<Z>): Typed<z.output<Z> | null> =>
  typed(() => z._default(z.nullable(inner.zod), null as never), { quietDefault: true });
/** May be absent (not null) and then takes the value. */
export const withDefault = <Z extends ZodSchema>(inner: Schema<Z>, value: z.output<Z>): Typed<z.output<Z>> =>
  typed(() => z._default(inner.zod, value as never), { mayEndBefore: true });
/** May be absent (not null) and then is empty; the schema shows no default. */
export const orEmpty = <Z extends ZodSchema>(inner: Schema<Z>, value: z.output<Z>): Typed<z.output<Z>> =>
  typed(() => z._default(inner.zod, value as never), { quietDefault: true, mayEndBefore: true });

/** A member or type that later servers have: checked and typed, left out of the compared schema. */
export const addition = <Z extends ZodSchema>(inner: Schema<Z>): Schema<Z> => inner.noted({ addition: true });

/** A member that is read but not passed on; the schema says so. */
export const writeOnly = <Z extends ZodSchema>(inner: Schema<Z>): Schema<Z> => inner.noted({ writeOnly: true });

/** A type that contains itself; the type is given because it cannot be inferred. */
export const lazy = <T>(inner: () => AnySchema): Typed<T> => typed(() => z.lazy(() => inner().zod));

/** Must be there unless the named sibling (an addition) is; the published schema knows only the first form. */
export const requiredUnless = <Z extends ZodSchema>(sibling: string, inner: Schema<Z>): Opt<Z> =>
  opt(inner, { requiredUnless: sibling, published: { required: true } });

const isGiven = (record: Readonly<Record<string, unknown>>, name: string): boolean => (record[name] ?? null) !== null;

type ZodShape = Readonly<Record<string, ZodSchema>>;
const zodShape = (shape: Shape): ZodShape =>
  Object.fromEntries(Object.entries(shape).map(([name, member]) => [name, member.zod]));

/** The object type of a shape, with the rules that reach across members. */
const objectOf = (shape: ZodShape): ZodSchema => {
  const object = z.object(shape);
  const rules = Object.entries(shape).flatMap(([name, member]) => {
    const sibling = metaOf(member).requiredUnless;
    return sibling === undefined ? [] : [[name, sibling] as const];
  });
  if (rules.length === 0) return object;
  const rule = z.refine<Record<string, unknown>>((value) =>
    rules.every(([name, sibling]) => isGiven(value, name) || isGiven(value, sibling)),
  );
  return object.check(rule as never);
};

const structOf = <S extends Shape>(make: () => ZodSchema, meta?: WireMeta): Struct<S> =>
  new Schema(make, meta) as unknown as Struct<S>;

/** A record with named members in declaration order (the order decides which missing member is reported). */
export const struct = <const S extends Shape>(id: string, shape: S): Struct<S> =>
  structOf(() => objectOf(zodShape(shape)), { id });
/** A struct that refuses members it does not know. */
export const closedStruct = <const S extends Shape>(id: string, shape: S): Struct<S> =>
  structOf(() => z.strictObject(zodShape(shape)), { id });
/** A struct that is part of another definition and never one of its own. */
export const part = <const S extends Shape>(shape: S): Struct<S> => structOf(() => z.object(zodShape(shape)));
/** A struct that lets other members through unchanged, each of the given type. */
export const openStruct = <const S extends Shape>(
  id: string,
  shape: S,
): Typed<Infer<Struct<S>> & Record<string, unknown>> => typed(() => z.looseObject(zodShape(shape)), { id });

/** Another name for a type. */
export const alias = <Z extends ZodSchema>(id: string, schema: Schema<Z>): Schema<Z> => schema.noted({ id });

/** One of a few words. */
export const words = <const V extends readonly [string, ...string[]]>(id: string, values: V): Typed<V[number]> =>
  typed(() => z.enum(values), { id, variants: values });

type Variant = Shape | Struct<Shape>;
type VariantOutput<V> = V extends AnySchema
  ? Infer<V> extends Record<string, never>
    ? unknown
    : Infer<V>
  : V extends Shape
    ? keyof V extends never
      ? unknown
      : Infer<Struct<V>>
    : never;
type TaggedOutput<Tag extends string, V> = {
  [K in keyof V]: Flat<{ [T in Tag]: K } & VariantOutput<V[K]>>;
}[keyof V];

/** How a tagged union is read beyond its variants. */
interface Reading<V> {
  readonly fallback?: keyof V & string;
  readonly aliases?: Readonly<Record<string, keyof V & string>>;
  readonly union?: 'adjacent';
}

const isStruct = (variant: Variant): variant is Struct<Shape> => variant instanceof Schema;
/** A variant's own members beside the one that tells it apart. */
const variantOf = (tag: string, name: string, variant: Variant): ZodSchema => {
  const head = { [tag]: z.literal(name) };
  if (!isStruct(variant)) return objectOf({ ...head, ...zodShape(variant) });
  return register(objectOf({ ...head, ...variant.zod._zod.def.shape }), { payload: variant.zod });
};

/** A union told apart by the value of one member, which stands beside the variant's own members. */
export const tagged = <Tag extends string, const V extends Readonly<Record<string, Variant>>>(
  id: string,
  tag: Tag,
  variants: V,
  reading: Reading<V> = {},
): Typed<TaggedOutput<Tag, V>> =>
  typed(
    () => {
      const options = Object.entries(variants).map(([name, variant]) => variantOf(tag, name, variant));
      return z.discriminatedUnion(tag, options as never);
    },
    { union: 'tagged', tag, variants: Object.keys(variants), ...reading, id },
  );

/** Marks a variant of an `external` union that carries nothing: on the wire it is the bare name. */
export const unit = Symbol('unit');
type ExternalOutput<V> = {
  [K in keyof V]: V[K] extends AnySchema ? { [N in K]: Infer<V[K]> } : K;
}[keyof V];

/** A union of bare names and of objects with exactly one member, named after the variant. */
export const external = <const V extends Readonly<Record<string, AnySchema | typeof unit>>>(
  id: string,
  variants: V,
): Typed<ExternalOutput<V>> => {
  const make = (): ZodSchema => {
    const units = Object.keys(variants).filter((name) => variants[name] === unit);
    const options: ZodSchema[] = units.length > 0 ? [z.enum(units)] : [];
    for (const [name, payload] of Object.entries(variants)) {
      if (typeof payload !== 'symbol') options.push(z.strictObject({ [name]: payload.zod }));
    }
    return z.union(options);
  };
  return typed(make, { union: 'external', variants: Object.keys(variants), id });
};

type Options = readonly [AnySchema, ...AnySchema[]];
const unionOf = (variants: Options) => (): ZodSchema => z.union(variants.map((variant) => variant.zod));

/** A union whose variants are tried in turn. */
export const untagged = <const V extends Options>(id: string, variants: V): Typed<Infer<V[number]>> =>
  typed(unionOf(variants), { union: 'untagged', id });

/** A member whose published schema differs from what the wire really carries. */
export const published = <Z extends ZodSchema>(as: Published, actual: Schema<Z>): Schema<Z> =>
  actual.noted({ published: as });

/** A union of different JSON types that is no definition of its own. */
export const oneOfTypes = <const V extends Options>(expected: string, variants: V): Typed<Infer<V[number]>> =>
  typed(unionOf(variants), { union: 'untagged', expected });
