/**
 * The vocabulary in which every wire type is declared, on top of zod/mini (the small flavour: `initialize` is decoded on
 * the start-up path). In: names and shapes. Out: zod schemas, each with what a schema alone does not say (its definition
 * name, what a decoder expects there) kept in `wire`, the one registry of the protocol. No other state.
 *
 * Names are definition names; a `core/` prefix marks the second flavour of a name that exists twice on the wire.
 */
import * as z from 'zod/mini';

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
  readonly payload?: AnySchema;
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

export interface Published {
  /** Name of the definition that stands in its place. */
  readonly definition?: string;
  /** Listed as required although it may be absent. */
  readonly required?: boolean;
}

export const wire = z.registry<WireMeta>();

export type Infer<S extends z.core.$ZodType> = z.output<S>;
export type AnySchema = z.core.$ZodType;
type Shape = Readonly<Record<string, AnySchema>>;
type Struct<S extends Shape> = z.ZodMiniObject<{ -readonly [K in keyof S]: S[K] }, z.core.$strip>;
type Flat<T> = { [K in keyof T]: T[K] } & {};
export type Typed<T> = z.ZodMiniType<T, unknown>;

/** What is known of a schema beyond zod; an empty record when nothing is. */
// The registry rewrites types that mention schemas.
export const metaOf = (schema: AnySchema): WireMeta => (wire.get(schema) ?? {}) as unknown as WireMeta;
/** Adds to what is known of a schema. */
const note = <T extends AnySchema>(schema: T, meta: WireMeta): T => {
  const target: AnySchema = schema;
  wire.add(target, { ...metaOf(target), ...meta } as never);
  return schema;
};

export const string = z.string();
export const boolean = z.boolean();
/** A file system path; a string whose decoder names itself differently. */
export const path = z.string().register(wire, { expected: 'path string' });

/** A string with a rule of its own; `expected` is what its decoder calls itself. */
export const textWith = (
  refuse: (text: string) => string | undefined,
  expected = 'a string',
): z.ZodMiniCustom<string, string> =>
  z
    .custom<string>((value) => typeof value === 'string' && refuse(value) === undefined)
    .register(wire, { refuse, expected });
/** Any JSON value or nothing at all. */
export const anything = z.optional(z.unknown());
/** Any JSON value, which must be there. */
export const json = z
  .custom<unknown>((value) => value !== undefined)
  .register(wire, { expected: 'any valid JSON value' });

const FORMATS = {
  uint16: { expected: 'u16', min: 0, max: 0xffff },
  uint32: { expected: 'u32', min: 0, max: 0xffff_ffff },
  uint64: { expected: 'u64', min: 0, max: 2 ** 64 },
  uint: { expected: 'usize', min: 0, max: 2 ** 64 },
  int32: { expected: 'i32', min: -(2 ** 31), max: 2 ** 31 - 1 },
  int64: { expected: 'i64', min: -(2 ** 63), max: 2 ** 63 },
  float: { expected: 'f32', min: -Infinity, max: Infinity },
  double: { expected: 'f64', min: -Infinity, max: Infinity },
} as const;
export type NumberFormat = keyof typeof FORMATS;

const numeric = (format: NumberFormat): z.ZodMiniCustom<number, number> => {
  const { expected, min, max } = FORMATS[format];
  const whole = format !== 'float' && format !== 'double';
  return z
    .custom<number>(
      (value) => typeof value === 'number' && (!whole || Number.isInteger(value)) && min <= value && value <= max,
    )
    .register(wire, { expected, format, ...(whole ? { range: [min, max] } : {}) });
};
export const uint16 = numeric('uint16');
export const uint32 = numeric('uint32');
export const uint64 = numeric('uint64');
export const uint = numeric('uint');
export const int32 = numeric('int32');
export const int64 = numeric('int64');
export const float = numeric('float');
export const double = numeric('double');

export const list = <T extends AnySchema>(item: T): z.ZodMiniArray<T> => z.array(item);
export const mapOf = <T extends AnySchema>(value: T): z.ZodMiniRecord<z.ZodMiniString, T> =>
  z.record(z.string(), value);

const quiet = <T extends AnySchema>(schema: T): T => note(schema, { quietDefault: true });
/** May be absent or null, on both sides. */
export const opt = <T extends AnySchema>(inner: T): z.ZodMiniOptional<z.ZodMiniNullable<T>> =>
  z.optional(z.nullable(inner));
/** Must be there, but may be null. */
export const nullable = <T extends AnySchema>(inner: T): z.ZodMiniNullable<T> => z.nullable(inner);
/** The same, for members that are left out rather than written as null. */
export const omitted = <T extends AnySchema>(inner: T): z.ZodMiniOptional<z.ZodMiniNullable<T>> =>
  note(opt(inner), { mayEndBefore: true });
/** May be absent when read (and becomes null); always written. */
export const orNull = <T extends AnySchema>(inner: T): Typed<z.output<T> | null> =>
  quiet(z._default(z.nullable(inner), null as never)) as unknown as Typed<z.output<T> | null>;
/** May be absent (not null) and then takes the value. */
export const withDefault = <T extends AnySchema>(inner: T, value: z.output<T>): Typed<z.output<T>> =>
  note(z._default(inner, value as never), { mayEndBefore: true }) as unknown as Typed<z.output<T>>;
/** May be absent (not null) and then is empty; the schema shows no default. */
export const orEmpty = <T extends AnySchema>(inner: T, value: z.output<T>): Typed<z.output<T>> =>
  note(z._default(inner, value as never), { quietDefault: true, mayEndBefore: true }) as unknown as Typed<z.output<T>>;

/** A member or type that later servers have: checked and typed, left out of the compared schema. */
export const addition = <T extends AnySchema>(inner: T): T => note(inner, { addition: true });

/** A member that is read but not passed on; the schema says so. */
export const writeOnly = <T extends AnySchema>(inner: T): T => note(inner, { writeOnly: true });

/** A type that contains itself; the type is given because it cannot be inferred. */
export const lazy = <T>(inner: () => AnySchema): Typed<T> => z.lazy(inner) as unknown as Typed<T>;

const named = <T extends AnySchema>(id: string, schema: T, meta: WireMeta = {}): T => note(schema, { ...meta, id });

/** Must be there unless the named sibling (an addition) is; the published schema knows only the first form. */
export const requiredUnless = <T extends AnySchema>(
  sibling: string,
  inner: T,
): z.ZodMiniOptional<z.ZodMiniNullable<T>> =>
  note(opt(inner), { requiredUnless: sibling, published: { required: true } });

const isGiven = (record: Readonly<Record<string, unknown>>, name: string): boolean => (record[name] ?? null) !== null;

/** The object type of a shape, with the rules that reach across members. */
const objectOf = (shape: Shape): z.ZodMiniObject => {
  const object = z.object(shape);
  const rules: [string, string][] = [];
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(shape))) {
    const sibling = descriptor.value === undefined ? undefined : metaOf(descriptor.value).requiredUnless;
    if (sibling !== undefined) rules.push([name, sibling]);
  }
  if (rules.length === 0) return object as unknown as z.ZodMiniObject;
  const rule = z.refine<Record<string, unknown>>((value) =>
    rules.every(([name, sibling]) => isGiven(value, name) || isGiven(value, sibling)),
  );
  return object.check(rule as never) as unknown as z.ZodMiniObject;
};

/** A record with named members in declaration order (the order decides which missing member is reported). */
export const struct = <const S extends Shape>(id: string, shape: S): Struct<S> =>
  named(id, objectOf(shape) as unknown as Struct<S>);
/** A struct that refuses members it does not know. */
export const closedStruct = <const S extends Shape>(id: string, shape: S): Struct<S> =>
  named(id, z.strictObject(shape) as unknown as Struct<S>);
/** A struct that is part of another definition and never one of its own. */
export const part = <const S extends Shape>(shape: S): Struct<S> => z.object(shape) as unknown as Struct<S>;
/** A struct that lets other members through unchanged, each of the given type. */
export const openStruct = <const S extends Shape>(
  id: string,
  shape: S,
): Typed<z.output<Struct<S>> & Record<string, unknown>> =>
  named(id, z.looseObject(shape)) as unknown as Typed<z.output<Struct<S>> & Record<string, unknown>>;

/** Another name for a type. */
export const alias = <T extends AnySchema>(id: string, schema: T): T => named(id, schema);

/** One of a few words. */
export const words = <const V extends readonly [string, ...string[]]>(id: string, values: V): Typed<V[number]> =>
  named(id, z.enum(values), { variants: values }) as unknown as Typed<V[number]>;

type Variant = Shape | Struct<Shape>;
type VariantOutput<V> = V extends z.core.$ZodType
  ? z.output<V>
  : V extends Shape
    ? keyof V extends never
      ? unknown
      : z.output<Struct<V>>
    : never;
type TaggedOutput<Tag extends string, V> = {
  [K in keyof V]: Flat<{ [T in Tag]: K } & VariantOutput<V[K]>>;
}[keyof V];

const shapeOf = (variant: Variant): Shape => ('_zod' in variant ? (variant as Struct<Shape>)._zod.def.shape : variant);

/** How a tagged union is read beyond its variants. */
interface Reading<V> {
  readonly fallback?: keyof V & string;
  readonly aliases?: Readonly<Record<string, keyof V & string>>;
  readonly union?: 'adjacent';
}

/** A union told apart by the value of one member, which stands beside the variant's own members. */
export const tagged = <Tag extends string, const V extends Readonly<Record<string, Variant>>>(
  id: string,
  tag: Tag,
  variants: V,
  reading: Reading<V> = {},
): Typed<TaggedOutput<Tag, V>> => {
  const options = Object.entries(variants).map(([name, variant]) => {
    // Members may be getters (types that contain themselves), so descriptors are copied, not values.
    const shape = Object.create(null, {
      ...Object.getOwnPropertyDescriptors(z.object({ [tag]: z.literal(name) })._zod.def.shape),
      ...Object.getOwnPropertyDescriptors(shapeOf(variant)),
    }) as Shape;
    return '_zod' in variant ? note(objectOf(shape), { payload: variant as AnySchema }) : objectOf(shape);
  });
  const union = z.discriminatedUnion(tag, options as never);
  const meta: WireMeta = { union: 'tagged', tag, variants: Object.keys(variants), ...reading };
  return named(id, union, meta) as unknown as Typed<TaggedOutput<Tag, V>>;
};

/** Marks a variant of an `external` union that carries nothing: on the wire it is the bare name. */
export const unit = Symbol('unit');
type ExternalOutput<V> = {
  [K in keyof V]: V[K] extends AnySchema ? { [N in K]: z.output<V[K]> } : K;
}[keyof V];

/** A union of bare names and of objects with exactly one member, named after the variant. */
export const external = <const V extends Readonly<Record<string, AnySchema | typeof unit>>>(
  id: string,
  variants: V,
): Typed<ExternalOutput<V>> => {
  const units = Object.keys(variants).filter((name) => variants[name] === unit);
  const options: AnySchema[] = units.length > 0 ? [z.enum(units as [string, ...string[]])] : [];
  for (const [name, payload] of Object.entries(variants)) {
    if (typeof payload !== 'symbol') options.push(z.strictObject({ [name]: payload }));
  }
  const meta: WireMeta = { union: 'external', variants: Object.keys(variants) };
  return named(id, z.union(options as [AnySchema, ...AnySchema[]]), meta) as unknown as Typed<ExternalOutput<V>>;
};

/** A union whose variants are tried in turn. */
export const untagged = <const V extends readonly [AnySchema, ...AnySchema[]]>(
  id: string,
  variants: V,
): Typed<z.output<V[number]>> =>
  named(id, z.union(variants as unknown as [AnySchema, ...AnySchema[]]), { union: 'untagged' }) as unknown as Typed<
    z.output<V[number]>
  >;

/** A member whose published schema differs from what the wire really carries. */
export const published = <T extends AnySchema>(as: Published, actual: T): T => note(actual, { published: as });

/** A union of different JSON types that is no definition of its own. */
export const oneOfTypes = <const V extends readonly [AnySchema, ...AnySchema[]]>(
  expected: string,
  variants: V,
): Typed<z.output<V[number]>> =>
  note(z.union(variants as unknown as [AnySchema, ...AnySchema[]]), {
    union: 'untagged',
    expected,
  }) as unknown as Typed<z.output<V[number]>>;
