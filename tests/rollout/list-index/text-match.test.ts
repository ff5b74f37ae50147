import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textMatcher } from '../../../src/rollout/list-index/text-match.ts';

const isFound = (term: string, ...texts: string[]): boolean | undefined => textMatcher(term)?.(texts);

test('a word is found where it stands, in any case', () => {
  assert.equal(isFound('LOGIN', 'fix the Login page'), true);
  assert.equal(isFound('ogi', 'fix the login page'), true);
  assert.equal(isFound('über', 'Die ÜBERSICHT'), true);
});

test('every word has to be found, in one text or another', () => {
  assert.equal(isFound('page login', 'Login', 'the page'), true);
  assert.equal(isFound('page logout', 'Login', 'the page'), false);
});

test('a word with missing letters is found', () => {
  assert.equal(isFound('lgin', 'fix the login page'), true);
  assert.equal(isFound('authmdlware', 'the auth middleware fails'), true);
});

test('letters that are scattered over a text are no word', () => {
  const text = 'please look into what goes wrong when the index is built and the network is slow';
  assert.equal(isFound('login', text), false);
  assert.equal(isFound('pkn', text), false);
});

test('a long text is searched to its end', () => {
  assert.equal(isFound('needle', `${'hay '.repeat(50_000)}needle`), true);
});

test('signs of the query language are letters like others', () => {
  assert.equal(isFound('!important', 'p { color: red !important }'), true);
  assert.equal(isFound("'x", 'nothing'), false);
  assert.equal(isFound('a|b', 'a'), false);
});

test('a term without words is none', () => {
  assert.equal(textMatcher(''), null);
  assert.equal(textMatcher(' \t\n'), null);
});
