/** The reader of JSON from outside: what it returns, what it keeps, and how it names what it refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as s from '../../../src/base/json/schema.ts';

const refusalOf = (schema: s.Schema<unknown>, value: unknown): string => {
  const read = schema(value);
  assert.ok(read instanceof s.Refusal, `${JSON.stringify(value)} is refused`);
  return `${read.path}: ${read.reason}`;
};

const Person = s.object({
  name: s.string,
  age: s.orNull(s.count),
  mail: s.orAbsent(s.string),
  tags: s.withDefault(s.list(s.words('a', 'b')), []),
  home: s.nullish(s.object({ town: s.string })),
});

test('an object reads as its declared members, with defaults, without the others', () => {
  assert.deepEqual(Person({ name: 'x', other: 1 }), { name: 'x', age: null, tags: [] });
  assert.deepEqual(Person({ name: 'x', age: 'old', mail: 5, tags: ['a'], home: null }), {
    ...{ name: 'x', age: null, tags: ['a'], home: null },
  });
});

test('a refusal names the first member in the order of the declaration, and what belongs there', () => {
  for (const [value, told] of [
    [[], ': expected an object'],
    [null, ': expected an object'],
    [{ tags: 5 }, 'name: missing'],
    [{ name: null }, 'name: expected a string'],
    [{ name: 'x', tags: null }, 'tags: expected an array'],
    [{ name: 'x', tags: ['a', 'c'] }, 'tags.1: expected one of `a`, `b`'],
    [{ name: 'x', home: {} }, 'home.town: missing'],
    [{ name: 'x', home: { town: 7 }, tags: [1] }, 'tags.0: expected one of `a`, `b`'],
  ] as const) {
    assert.equal(refusalOf(Person, value), told);
  }
});

test('an open object keeps its unknown members, and is the same object unless a member reads as something else', () => {
  const Open = s.open({ id: s.string, when: s.otherwise(s.count, 0), note: s.orAbsent(s.string) });
  const same = { id: 'x', when: 5, later: { any: [1] } };
  assert.equal(Open(same), same);
  const changed = { id: 'x', note: 5, later: 1 };
  assert.deepEqual(Open(changed), { id: 'x', when: 0, later: 1 });
  assert.deepEqual(changed, { id: 'x', note: 5, later: 1 }, 'what was read stays as it was');
});

test('a closed object names every member that it does not know', () => {
  const Closed = s.closed({ id: s.string });
  assert.deepEqual(Closed({ id: 'x' }), { id: 'x' });
  assert.equal(refusalOf(Closed, { id: 'x', a: 1, b: 2 }), ': unknown member `a`, `b`');
  assert.equal(refusalOf(s.list(Closed), [{ id: 1, a: 1 }]), '0.id: expected a string');
});

test('names that every object inherits are no members, and __proto__ is one like any other', () => {
  const Named = s.object({ constructor: s.orAbsent(s.string) });
  assert.deepEqual(Object.keys(Named({})), []);
  const read = s.mapOf(s.number)(JSON.parse('{"__proto__":1,"b":2}'));
  assert.deepEqual(read instanceof s.Refusal ? [] : Object.entries(read), [
    ['__proto__', 1],
    ['b', 2],
  ]);
  const Known = s.variants('type', { a: s.object({ type: s.word('a') }) });
  for (const type of ['toString', '__proto__', 'constructor', null, 5])
    assert.match(refusalOf(Known, { type }), /^type/);
});

test('numbers are whole and keep their digits where that is asked for', () => {
  for (const [value, told] of [
    ['5', ': expected a number'],
    [Number.POSITIVE_INFINITY, ': expected a number'],
    [1.5, ': expected a whole number'],
    [-1, ': must be at least 0'],
    [2 ** 53, ': must be at most 9007199254740991'],
    [-(2 ** 53), ': must be at least -9007199254740991'],
  ] as const) {
    assert.equal(refusalOf(s.count, value), told);
  }
  assert.equal(s.count(0), 0);
  assert.equal(s.integer(-5), -5);
});

test('absent and null differ wherever a schema does not say otherwise', () => {
  const schemas = {
    optional: s.optional,
    nullable: s.nullable,
    nullish: s.nullish,
    omitted: s.omitted,
    orNull: s.orNull,
  };
  const read = (value: unknown): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(schemas).map(([name, of]) => {
        const found = of(s.string)(value);
        return [name, found instanceof s.Refusal ? 'refused' : found];
      }),
    );
  const same = (value: unknown): Record<string, unknown> =>
    Object.fromEntries(Object.keys(schemas).map((name) => [name, value]));
  assert.deepEqual(read(undefined), { ...same(undefined), nullable: 'refused', orNull: null });
  assert.deepEqual(read(null), { ...same(null), optional: 'refused', omitted: undefined });
  assert.deepEqual(read('x'), same('x'));
  assert.deepEqual(read(5), { ...same('refused'), orNull: null });
});
