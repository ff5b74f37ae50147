import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GRAMMAR, parsePrompt, type Step } from '../../src/demo/model/grammar.ts';

const stepsOf = (prompt: string): readonly Step[] => {
  const parsed = parsePrompt(prompt);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problem);
  return parsed.steps;
};

test('every kind of step can be written in plain words', () => {
  assert.deepEqual(stepsOf('run ls -la'), [{ kind: 'run', command: 'ls -la' }]);
  assert.deepEqual(stepsOf('create a.txt with two words'), [{ kind: 'create', file: 'a.txt', text: 'two words' }]);
  assert.deepEqual(stepsOf('replace old text with new in a.txt'), [
    { kind: 'replace', from: 'old text', to: 'new', file: 'a.txt' },
  ]);
  assert.deepEqual(stepsOf('append a line to notes.md'), [{ kind: 'append', text: 'a line', file: 'notes.md' }]);
  assert.deepEqual(stepsOf('delete a.txt'), [{ kind: 'delete', file: 'a.txt' }]);
  assert.deepEqual(stepsOf('show a.txt'), [{ kind: 'show', file: 'a.txt' }]);
  assert.deepEqual(stepsOf("say it's done"), [{ kind: 'say', text: "it's done" }]);
  assert.deepEqual(stepsOf('plan look around; fix it ;test'), [
    { kind: 'plan', steps: ['look around', 'fix it', 'test'] },
  ]);
});

test('steps are joined by then, with or without a comma and "and"', () => {
  for (const joint of [' then ', ', then ', ' and then ', ', and then ', ' THEN ', '\nthen\n']) {
    assert.deepEqual(stepsOf(`say a${joint}say b`), [
      { kind: 'say', text: 'a' },
      { kind: 'say', text: 'b' },
    ]);
  }
});

test('quotes protect the words of the grammar', () => {
  assert.deepEqual(stepsOf('say "first this then that" then run `if true; then echo "x"; fi`'), [
    { kind: 'say', text: 'first this then that' },
    { kind: 'run', command: 'if true; then echo "x"; fi' },
  ]);
  assert.deepEqual(stepsOf(`replace 'with in' with "a\\nb" in "my file.txt"`), [
    { kind: 'replace', from: 'with in', to: 'a\nb', file: 'my file.txt' },
  ]);
  assert.deepEqual(stepsOf('create x with ""'), [{ kind: 'create', file: 'x', text: '' }]);
  assert.deepEqual(stepsOf('Please Say "done".'), [{ kind: 'say', text: 'done' }]);
});

test('a command keeps its own quotes', () => {
  assert.deepEqual(stepsOf(`run grep -n "a then b" 'x y' then say ok`), [
    { kind: 'run', command: `grep -n "a then b" 'x y'` },
    { kind: 'say', text: 'ok' },
  ]);
});

test('a prompt that is not understood in all its parts is not carried out', () => {
  for (const prompt of [
    '',
    '   ',
    'then',
    'fly to the moon',
    'say a then dance',
    'create x',
    'replace "" with a in b',
    'run',
    'delete "a\\nb"',
    'constructor x',
  ]) {
    assert.equal(parsePrompt(prompt).ok, false, prompt);
  }
});

const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll(/\\u([0-9a-f]{4})/g, (_all, code) => String.fromCharCode(Number.parseInt(code, 16)));
const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[\b\f\r]/.test(value));
const file = fc
  .string({ minLength: 1 })
  .filter((name) => name.trim() === name && name !== '' && !/[\n\r\b\f]/.test(name));
const someStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('run' as const), command: text.filter((value) => value.trim() !== '') }),
  fc.record({ kind: fc.constant('create' as const), file, text }),
  fc.record({ kind: fc.constant('replace' as const), from: text.filter((value) => value !== ''), to: text, file }),
  fc.record({ kind: fc.constant('append' as const), text, file }),
  fc.record({ kind: fc.constant('delete' as const), file }),
  fc.record({ kind: fc.constant('show' as const), file }),
  fc.record({ kind: fc.constant('say' as const), text }),
);

function written(step: Step): string {
  switch (step.kind) {
    case 'run':
      return `run ${quoted(step.command)}`;
    case 'create':
      return `create ${quoted(step.file)} with ${quoted(step.text)}`;
    case 'replace':
      return `replace ${quoted(step.from)} with ${quoted(step.to)} in ${quoted(step.file)}`;
    case 'append':
      return `append ${quoted(step.text)} to ${quoted(step.file)}`;
    case 'delete':
    case 'show':
      return `${step.kind} ${quoted(step.file)}`;
    case 'say':
      return `say ${quoted(step.text)}`;
    case 'plan':
      return `plan ${step.steps.map(quoted).join('; ')}`;
  }
}

test('whatever is quoted is read back as it was', () => {
  fc.assert(
    fc.property(fc.array(someStep, { minLength: 1, maxLength: 4 }), (steps) => {
      assert.deepEqual(
        stepsOf(steps.map(written).join(' then ')),
        steps.map((step) => ({ ...step })), // those made up have no prototype
      );
    }),
    { numRuns: 500 },
  );
});

test('no prompt makes the reader fail', () => {
  const words = fc.constantFrom(
    'run',
    'create',
    'replace',
    'append',
    'say',
    'plan',
    'with',
    'in',
    'to',
    'then',
    ';',
    '"',
    "'",
    '`',
    'x',
    '\\',
    '\n',
  );
  const prompts = fc.oneof(
    fc.string(),
    fc.array(words).map((list) => list.join(' ')),
  );
  fc.assert(
    fc.property(prompts, (prompt) => void parsePrompt(prompt)),
    { numRuns: 1000 },
  );
});

test('the grammar for people names every verb', () => {
  for (const verb of ['run', 'create', 'replace', 'append', 'delete', 'show', 'say', 'plan'])
    assert.match(GRAMMAR, new RegExp(`^${verb} <`, 'm'));
});
