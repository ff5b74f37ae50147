/**
 * Schemas of JSON from outside, and their one reader. A schema is a function: it takes any value and returns the typed value, or a
 * `Refusal` that names the member. Static types are inferred (`Infer`). Pure.
 *
 * What is sent over the wire is declared in `src/protocol`; everything else that is read from outside is declared with these. They load
 * in no time and read a stored line in a tenth of what zod needs, so worker threads can use them; one file because
 * schemas are read under one name.
 */

export type Schema<T> = (value: unknown) => T | Refusal;

/** The type of what a schema returns. */
export type Infer<S extends Schema<unknown>> = Exclude<ReturnType<S>, Refusal>;

export type JsonRecord = Readonly<Record<string, unknown>>;

/** Why a value was refused, and where in it. */
export class Refusal {
  /** In words that follow the member's name: `missing`, `expected a string`. */
  readonly reason: string;
  /** Members and list positions joined by dots; empty for the value itself. */
  readonly path: string;

  constructor(reason: string, path = '') {
    this.reason = reason;
    this.path = path;
  }

  /** The same refusal, seen from the object or list around it. */
  within(key: string | number): Refusal {
    return new Refusal(this.reason, this.path === '' ? `${key}` : `${key}.${this.path}`);
  }
}

/** Made once for each schema: most lines are tried against several. */
const refusalOf = (expected: string): ((value: unknown) => Refusal) => {
  const unexpected = new Refusal(`expected ${expected}`);
  return (value) => (value === undefined ? MISSING : unexpected);
};

const MISSING = new Refusal('missing');
const notString = refusalOf('a string');
const notNumber = refusalOf('a number');
const notBoolean = refusalOf('a boolean');
const notInteger = refusalOf('a whole number');
const notObject = refusalOf('an object');
const notArray = refusalOf('an array');
const NEGATIVE = new Refusal('must be at least 0');
const TOO_SMALL = new Refusal(`must be at least ${Number.MIN_SAFE_INTEGER}`);
const TOO_LARGE = new Refusal(`must be at most ${Number.MAX_SAFE_INTEGER}`);

/** The value as the schema reads it; null when it is refused. */
export function readOrNull<T>(schema: Schema<T>, value: unknown): T | null {
  const read = schema(value);
  return read instanceof Refusal ? null : read;
}

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// --- plain values

export const string: Schema<string> = (value) => (typeof value === 'string' ? value : notString(value));
export const number: Schema<number> = (value) => (typeof value === 'number' ? value : notNumber(value));
export const boolean: Schema<boolean> = (value) => (typeof value === 'boolean' ? value : notBoolean(value));
/** A whole number that keeps its digits. */
export const integer: Schema<number> = (value) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) return notNumber(value);
  if (!Number.isInteger(value)) return notInteger(value);
  if (value < Number.MIN_SAFE_INTEGER) return TOO_SMALL;
  return value > Number.MAX_SAFE_INTEGER ? TOO_LARGE : value;
};
/** A whole number from 0. */
export const count: Schema<number> = (value) => {
  const read = integer(value);
  return typeof read === 'number' && read < 0 ? NEGATIVE : read;
};
/** Any object. */
export const record: Schema<JsonRecord> = (value) => (isRecord(value) ? value : notObject(value));
export const array: Schema<unknown[]> = (value) => (Array.isArray(value) ? value : notArray(value));
/** Any value; absent ones too. */
export const anything: Schema<unknown> = (value) => value;
/** Any value but null. */
export const given: Schema<NonNullable<unknown>> = (value) => value ?? MISSING;

/** One of a few words. */
export function words<const W extends string>(...allowed: readonly W[]): Schema<W> {
  const refusal = new Refusal(`expected one of ${allowed.map((word) => `\`${word}\``).join(', ')}`);
  return (value) => {
    for (const each of allowed) if (each === value) return each;
    return refusal;
  };
}

/** That one word. */
export function word<const W extends string>(only: W): Schema<W> {
  const refusal = new Refusal(`expected \`${only}\``);
  return (value) => (value === only ? only : refusal);
}

/** A string that passes a test. */
export function textThat(passes: (text: string) => boolean, expected: string): Schema<string> {
  const refused = refusalOf(expected);
  return (value) => (typeof value === 'string' && passes(value) ? value : refused(value));
}

// --- values that may be missing, or be something else

/** Absent, or as the schema says; null is refused. */
export const optional =
  <T>(schema: Schema<T>): Schema<T | undefined> =>
  (value) =>
    value === undefined ? undefined : schema(value);

/** Absent, null, or as the schema says. */
export const nullish =
  <T>(schema: Schema<T>): Schema<T | null | undefined> =>
  (value) =>
    value === undefined || value === null ? value : schema(value);

/** Null, or as the schema says. */
export const nullable =
  <T>(schema: Schema<T>): Schema<T | null> =>
  (value) =>
    value === null ? null : schema(value);

/** Absent or null reads as absent. */
export const omitted =
  <T>(schema: Schema<T>): Schema<T | undefined> =>
  (value) =>
    value === undefined || value === null ? undefined : schema(value);

/** Absent reads as `fallback`. */
export const withDefault =
  <T, const F extends T>(schema: Schema<T>, fallback: F): Schema<T> =>
  (value) =>
    value === undefined ? fallback : schema(value);

/** What the schema refuses reads as `fallback`, absent and null included. */
export const otherwise =
  <T, const F>(schema: Schema<T>, fallback: F): Schema<T | F> =>
  (value) => {
    const read = value === undefined || value === null ? undefined : schema(value);
    return read === undefined || read instanceof Refusal ? fallback : read;
  };

/** What the schema refuses reads as null. */
export const orNull = <T>(schema: Schema<T>): Schema<T | null> => otherwise(schema, null);
/** What the schema refuses reads as absent. */
export const orAbsent = <T>(schema: Schema<T>): Schema<T | undefined> => otherwise(schema, undefined);

// --- lists and objects

/** The list itself; a copy only where an entry reads as something else. */
export const list =
  <T>(schema: Schema<T>): Schema<T[]> =>
  (value) => {
    if (!Array.isArray(value)) return notArray(value);
    let out: T[] = value;
    for (let index = 0; index < value.length; index += 1) {
      const item = schema(value[index]);
      if (item instanceof Refusal) return item.within(index);
      if (item === value[index]) continue;
      if (out === value) out = value.slice();
      out[index] = item;
    }
    return out;
  };

/** The entries that the schema accepts. */
export const listOfAccepted =
  <T>(schema: Schema<T>): Schema<T[]> =>
  (value) => {
    if (!Array.isArray(value)) return notArray(value);
    const out: T[] = [];
    for (const entry of value) {
      const item = schema(entry);
      if (!(item instanceof Refusal)) out.push(item);
    }
    return out;
  };

/** What the schema refuses reads as an empty list. */
export const orEmpty =
  <T>(schema: Schema<T[]>): Schema<T[]> =>
  (value) => {
    const read = schema(value);
    return read instanceof Refusal ? [] : read;
  };

/** A list whose first entries have a schema each. */
export function tuple<const S extends readonly Schema<unknown>[]>(
  ...schemas: S
): Schema<{ [I in keyof S]: Infer<S[I]> }> {
  return (value) => {
    if (!Array.isArray(value)) return notArray(value);
    const out: unknown[] = [];
    for (const [index, schema] of schemas.entries()) {
      const item = schema(value[index]);
      if (item instanceof Refusal) return item.within(index);
      out.push(item);
    }
    return out as { [I in keyof S]: Infer<S[I]> };
  };
}

/** An object with values of one kind, whatever their names. */
export const mapOf =
  <T>(schema: Schema<T>): Schema<Record<string, T>> =>
  (value) => {
    if (!isRecord(value)) return notObject(value);
    const entries: [string, T][] = [];
    for (const [name, member] of Object.entries(value)) {
      const read = schema(member);
      if (read instanceof Refusal) return read.within(name);
      entries.push([name, read]);
    }
    return Object.fromEntries(entries);
  };

type Shape = Readonly<Record<string, Schema<unknown>>>;
type Flat<T> = { [K in keyof T]: T[K] } & {};
type MayBeAbsent<S extends Shape> = { [K in keyof S]: undefined extends Infer<S[K]> ? K : never }[keyof S];
/** Members that may be undefined are members that may be absent. */
type MembersOf<S extends Shape> = Flat<
  { -readonly [K in Exclude<keyof S, MayBeAbsent<S>>]: Infer<S[K]> } & {
    -readonly [K in MayBeAbsent<S>]?: Exclude<Infer<S[K]>, undefined>;
  }
>;

type Reader<S extends Shape> = (value: JsonRecord) => MembersOf<S> | Refusal;

/**
 * Reads the members of an object one after the other, in code made for this shape: a loop over names takes three times as long, and
 * stored threads have many lines. Member names come from our own source.
 */
function compiled<S extends Shape>(shape: S, source: (members: readonly string[]) => string): Reader<S> {
  const names = Object.keys(shape).map((name) => JSON.stringify(name));
  const reads = names.map(
    (name, at) =>
      `const m${at} = s${at}(value[${name}]); if (m${at} instanceof Refusal) return m${at}.within(${name});`,
  );
  const code = `return (value) => { ${reads.join(' ')} ${source(names)} }`;
  const make = new Function('Refusal', ...names.map((_name, at) => `s${at}`), code);
  return make(Refusal, ...Object.values(shape));
}

/** An object with named members. Unknown ones are left out. */
export function object<const S extends Shape>(shape: S): Schema<MembersOf<S>> {
  let reader: Reader<S> | undefined;
  return (value) => {
    if (!isRecord(value)) return notObject(value);
    reader ??= compiled(shape, (names) => {
      const set = names.map((name, at) => `if (m${at} !== undefined) out[${name}] = m${at};`);
      return `const out = {}; ${set.join(' ')} return out;`;
    });
    return reader(value);
  };
}

/** The same, where unknown members are an error of the sender. */
export function closed<const S extends Shape>(shape: S): Schema<MembersOf<S>> {
  const schema = object(shape);
  return (value) => {
    const read = schema(value);
    if (read instanceof Refusal || !isRecord(value)) return read;
    const unknown = Object.keys(value).filter((name) => !Object.hasOwn(shape, name));
    if (unknown.length === 0) return read;
    return new Refusal(`unknown member ${unknown.map((name) => `\`${name}\``).join(', ')}`);
  };
}

/** The object itself, unknown members included; a copy only where a member reads as something else. */
export function open<const S extends Shape>(shape: S): Schema<MembersOf<S>> {
  let reader: Reader<S> | undefined;
  return (value) => {
    if (!isRecord(value)) return notObject(value);
    reader ??= compiled(shape, (names) => {
      const same = names.map((name, at) => `m${at} === value[${name}]`);
      const set = names.map((name, at) => `if (m${at} === undefined) delete out[${name}]; else out[${name}] = m${at};`);
      return `if (${same.join(' && ')}) return value; const out = { ...value }; ${set.join(' ')} return out;`;
    });
    return reader(value);
  };
}

// --- choices and changes

type Table = Readonly<Record<string, Schema<unknown>>>;

/** Told apart by the value of one member; each variant reads the whole object. `rest` takes those that are not in the table. */
export function variants<const V extends Table, R = never>(
  tag: string,
  table: V,
  rest?: Schema<R>,
): Schema<Infer<V[keyof V]> | R> {
  const schemas = new Map<unknown, Schema<Infer<V[keyof V]> | R>>(
    Object.entries(table as { [K in keyof V]: Schema<Infer<V[keyof V]>> }),
  );
  const unknownKind = new Refusal('not a kind that is known', tag);
  return (value) => {
    if (!isRecord(value)) return notObject(value);
    const schema = schemas.get(value[tag]) ?? rest;
    return schema === undefined ? unknownKind : schema(value);
  };
}

/** The first of two that accepts the value. */
export const either =
  <A, B>(first: Schema<A>, second: Schema<B>): Schema<A | B> =>
  (value) => {
    const read = first(value);
    return read instanceof Refusal ? second(value) : read;
  };

/** What `change` makes of a value that the schema accepts; it may refuse as well. */
export const changed =
  <T, U>(schema: Schema<T>, change: (read: T) => U | Refusal): Schema<U> =>
  (value) => {
    const read = schema(value);
    return read instanceof Refusal ? read : change(read);
  };

/**
 * A value of which only what stands in `checked` is looked at; the rest is believed to be as `T` says. For lines that this server, or the
 * one it stands in for, has written: they are many, and a check of every member would cost more than parsing them.
 */
export const believed =
  <T>() =>
  <C>(checked: T extends Loose<C> ? Schema<C> : never): Schema<T> =>
  (value) => {
    const read = checked(value);
    return read instanceof Refusal ? read : (read as unknown as T);
  };

type Loose<C> = { [K in keyof C]: C[K] | undefined };
