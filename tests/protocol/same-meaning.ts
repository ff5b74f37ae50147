/** Compares JSON Schemas by what they accept, not by how they are written. */

type Json = unknown;
interface Node {
  readonly [key: string]: Json;
}

const isNode = (value: Json): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

export interface Side {
  readonly schema: Json;
  /** The document that references point into. */
  readonly document: Node;
}

const lookUp = (document: Node, ref: string): Json => {
  let at: Json = document;
  for (const step of ref.replace(/^#\//, '').split('/')) at = isNode(at) ? at[step] : undefined;
  return at;
};

const resolve = ({ schema, document }: Side): Json => {
  let at = schema;
  for (;;) {
    if (!isNode(at)) return at;
    if (typeof at.$ref === 'string') at = lookUp(document, at.$ref);
    else if (Array.isArray(at.allOf) && at.allOf.length === 1) {
      const { allOf, ...rest } = at;
      const inner: Json = resolve({ schema: allOf[0], document });
      at = isNode(inner) && Object.keys(rest).length > 0 ? { ...inner, ...rest } : inner;
    } else return at;
  }
};

const NOISE = new Set(['title', '$schema', 'definitions', 'description']);

/** The alternatives of a schema; one when it is no union. Words are listed one by one. */
const spread = (side: Side): Side[] => {
  const at = resolve(side);
  if (!isNode(at)) return [{ ...side, schema: at }];
  const { document } = side;
  const union = at.anyOf ?? at.oneOf;
  if (Array.isArray(union)) return union.flatMap((schema: Json) => spread({ schema, document }));
  if (Array.isArray(at.type)) return at.type.flatMap((type: Json) => spread({ schema: { ...at, type }, document }));
  const words = at.enum;
  if (Array.isArray(words) && words.length > 1)
    return words.map((word: Json) => ({ schema: { ...at, enum: [word] }, document }));
  return [{ schema: at, document }];
};

/** The same without repetitions. */
const alternatives = (side: Side): Side[] => [
  ...new Map(spread(side).map((one) => [JSON.stringify(one.schema), one])).values(),
];

/** What a null alternative says is only that it is null. */
const facts = (schema: Node): Node => {
  if (schema.type === 'null') return { type: 'null' };
  const kept = Object.entries(schema).filter(
    ([key, value]) => !NOISE.has(key) && !(key === 'default' && value === null),
  );
  const type = schema.type;
  const dropped: readonly string[] =
    type === 'array' || type === 'object' ? ['format', 'minimum'] : ['items', 'additionalProperties'];
  return Object.fromEntries(kept.filter(([key]) => !dropped.includes(key)));
};

const isAnything = (value: Json): boolean =>
  value === true ||
  value === undefined ||
  (isNode(value) && Object.keys(facts(value)).filter((key) => key !== 'default').length === 0);

/** Two sides already being compared are taken as equal, so that types may contain themselves. */
type Seen = Map<Json, Set<Json>>;

const differenceOfObjects = (a: Side, b: Side, path: string, seen: Seen): string | undefined => {
  const left = facts(a.schema as Node);
  const right = facts(b.schema as Node);
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const pair: [Json, Json] = [left[key], right[key]];
    const sides = (x: Json, y: Json): [Side, Side] => [
      { ...a, schema: x },
      { ...b, schema: y },
    ];
    if (key === 'properties') {
      const [p, q] = pair.map((value) => (isNode(value) ? value : {})) as [Node, Node];
      for (const name of new Set([...Object.keys(p), ...Object.keys(q)])) {
        if (!(name in p) || !(name in q)) return `${path}/${name}: only in ${name in p ? 'the first' : 'the second'}`;
        const found = difference(...sides(p[name], q[name]), `${path}/${name}`, seen);
        if (found !== undefined) return found;
      }
    } else if (key === 'items' || key === 'additionalProperties') {
      const found =
        pair[0] === false || pair[1] === false
          ? pair[0] === pair[1]
            ? undefined
            : `${path}: ${key}`
          : difference(...sides(...pair), `${path}/[]`, seen);
      if (found !== undefined) return found;
    } else {
      const plain = (value: Json): string =>
        JSON.stringify(key === 'required' && Array.isArray(value) ? [...value].sort() : value) ?? '';
      if (plain(pair[0]) !== plain(pair[1])) return `${path}: ${key} ${plain(pair[0])} against ${plain(pair[1])}`;
    }
  }
  return undefined;
};

/** The reason found furthest inside says the most. */
const deeper = (a: string | undefined, b: string | undefined): string | undefined => {
  const depth = (reason: string | undefined): number => (reason ?? '').split(': ')[0]?.length ?? 0;
  return depth(a) >= depth(b) ? (a ?? b) : b;
};

/** Where two schemas first differ in meaning; undefined when they do not. */
export const difference = (a: Side, b: Side, path = '', seen: Seen = new Map()): string | undefined => {
  const [p, q] = [resolve(a), resolve(b)];
  if (isAnything(p) || isAnything(q))
    return isAnything(p) && isAnything(q)
      ? undefined
      : `${path}: anything against ${JSON.stringify(isAnything(p) ? q : p)}`;
  if (seen.get(p)?.has(q)) return undefined;
  seen.set(p, (seen.get(p) ?? new Set()).add(q));
  const left = alternatives({ ...a, schema: p });
  const right = alternatives({ ...b, schema: q });
  const defaults = [p, q].map((side) => JSON.stringify(isNode(side) ? (side.default ?? null) : null));
  if (defaults[0] !== defaults[1]) return `${path}: default ${defaults[0]} against ${defaults[1]}`;
  if (left.length !== right.length) return `${path}: ${left.length} alternatives against ${right.length}`;
  let reason: string | undefined;
  const open = [...right];
  for (const one of left) {
    const at = open.findIndex((other) => {
      const found = differenceOfObjects(one, other, path, new Map([...seen].map(([key, set]) => [key, new Set(set)])));
      reason = deeper(found, reason);
      return found === undefined;
    });
    if (at < 0)
      return left.length === 1
        ? reason
        : `${path}: no counterpart for ${JSON.stringify(one.schema).slice(0, 200)} (${reason})`;
    open.splice(at, 1);
  }
  return undefined;
};
