import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineHandlers } from '../../src/handlers/define.ts';

const methodsOf = (handlers: object): string[] => Object.keys(handlers);

test('handlers are bound to their declarations: what is not declared, or is missing, does not compile', () => {
  const details = { summary: 'a', more: 1 };
  const good = defineHandlers({
    getUserAgent: () => ({ userAgent: 'a' }),
    'thread/loaded/list': async ({ limit }) => ({ data: [String(limit)], nextCursor: null }),
    'account/login/cancel': () => ({ status: 'notFound' }),
  });
  const bad = [
    // @ts-expect-error: a member that is not declared
    defineHandlers({ getUserAgent: () => ({ userAgent: 'a', more: 1 }) }),
    // @ts-expect-error: the same in a promise
    defineHandlers({ getUserAgent: async () => ({ userAgent: 'a', more: 1 }) }),
    // @ts-expect-error: the same from a variable
    defineHandlers({ getUserAgent: () => ({ userAgent: 'a', ...details }) }),
    // @ts-expect-error: the same one level down
    defineHandlers({ 'turn/start': () => ({ turn: { ...turn, more: 1 } }) }),
    // @ts-expect-error: the same where nothing is declared
    defineHandlers({ 'thread/name/set': () => ({ more: 1 }) }),
    // @ts-expect-error: the same in one of two answers
    defineHandlers({ getUserAgent: () => (details.more > 1 ? { userAgent: 'a' } : { userAgent: 'b', more: 1 }) }),
    // @ts-expect-error: the same in the items of a list
    defineHandlers({ fuzzyFileSearch: () => ({ files: [{ ...file, more: 1 }] }) }),
    // @ts-expect-error: a member is missing
    defineHandlers({ getUserAgent: () => ({}) }),
    // @ts-expect-error: a member of another type
    defineHandlers({ getUserAgent: () => ({ userAgent: 1 }) }),
    // @ts-expect-error: no such method
    defineHandlers({ 'thread/zz': () => ({}) }),
  ];
  assert.deepEqual(methodsOf(good), ['getUserAgent', 'thread/loaded/list', 'account/login/cancel']);
  assert.equal(bad.length, 10);
});
const turn = { id: 'a', items: [], status: 'inProgress', error: null } as const;
const file = { root: '/', path: 'a', file_name: 'a', score: 1, indices: null };
