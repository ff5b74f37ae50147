import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { outcomeOf } from '../../src/demo/model/outcome.ts';
import { replacement } from '../../src/demo/model/patch-text.ts';
import { type Answer, answerTo } from '../../src/demo/model/plan.ts';
import type { Json } from '../support/model-events.ts';
import { asChunk, asJson, assistantMessage, asText, DIALECTS, ToolRunner, userMessage } from './tool-runner.ts';

const TOOLS = DIALECTS['shell_command alone'] ?? [];

for (const [dialect, tools] of Object.entries(DIALECTS)) {
  test(`${dialect}: prompts are carried out with what is on offer`, async () => {
    using runner = new ToolRunner(tools);
    runner.write('old.txt', 'first\nsecond then third\n');
    const words = await runner.ask(
      'plan look; edit then run `echo one two` then replace "second then" with "2nd," in old.txt then append "last line" to ' +
        'old.txt then create "dir/new file.txt" with "a\\nb" then show old.txt then say bye',
    );
    assert.equal(runner.read('old.txt'), 'first\n2nd, third\nlast line\n');
    assert.equal(runner.read('dir/new file.txt'), 'a\nb\n');
    for (const part of [/plan: look; edit/, /one two/, /replaced "second then"/, /old\.txt holds/, /bye$/])
      assert.match(words, part);
    const deleted = await runner.ask('delete old.txt');
    assert.match(deleted, /deleted old\.txt/);
    assert.ok(!existsSync(join(runner.folder, 'old.txt')));
  });
}

test('a command that fails is reported with its exit code, and stops what follows', async () => {
  using runner = new ToolRunner(TOOLS);
  const words = await runner.ask('run `echo oops; exit 3` then create x.txt with y then say never');
  assert.match(words, /exit code 3[\s\S]*oops[\s\S]*2 steps were not done/);
  assert.ok(!existsSync(join(runner.folder, 'x.txt')));
});

test('edits that do not fit are reported as the tool put it', async () => {
  using runner = new ToolRunner(TOOLS);
  runner.write('a.txt', 'text\n');
  assert.match(await runner.ask('replace nothing with something in a.txt'), /"nothing" does not occur in a\.txt/);
  assert.match(await runner.ask('replace a with b in missing.txt'), /could not be read[\s\S]*No such file/);
  assert.match(await runner.ask('delete missing.txt'), /not made \(exit code 1\)[\s\S]*missing\.txt/);
});

const afterCall = (output: string, tools = TOOLS): Answer =>
  answerTo({
    tools,
    input: [
      userMessage('run make then say ok'),
      { type: 'function_call', name: 'shell_command', arguments: '{}', call_id: 'c' },
      { type: 'function_call_output', call_id: 'c', output },
    ],
  });

test('a command that was refused is reported as not run', () => {
  for (const text of [
    'exec command rejected by user',
    'aborted by user after 1.2s',
    'unsupported call: shell_command',
  ]) {
    const answer = afterCall(text);
    assert.equal(answer.kind, 'words');
    assert.ok(answer.words.includes('was not run') && answer.words.includes(text), answer.words);
  }
});

test('a command in the background is waited for', () => {
  const running = 'Chunk ID: abc123\nWall time: 1.0000 seconds\nProcess running with session ID 4242\nOutput:\nsome\n';
  const answer = afterCall(running, DIALECTS['exec_command alone']);
  assert.ok(answer.kind === 'call' && answer.call.type === 'function_call');
  assert.equal(answer.call.name, 'write_stdin');
  assert.equal(JSON.parse(answer.call.arguments).session_id, 4242);
});

test('the exit code is found in every format', () => {
  const said = { exitCode: 7, text: 'Output:\nExit code: 0\n' };
  for (const format of [asJson, asText, asChunk])
    assert.deepEqual(outcomeOf(format(said)), { kind: 'finished', ...said });
  const cut = '{"output":"abc…9 chars truncated…xyz","metadata":{"exit_code":2,"duration';
  assert.deepEqual(outcomeOf(cut), { kind: 'finished', exitCode: 2, text: 'abc…9 chars truncated…xyz",' });
  assert.equal(outcomeOf('Plan updated').kind, 'answered');
});

test('an unknown prompt is answered with what the model can do', () => {
  const answer = answerTo({ input: [userMessage('write me a poem')], tools: TOOLS });
  assert.equal(answer.kind, 'words');
  assert.match(answer.words, /do not understand "write me a poem"[\s\S]*replace <text>/);
});

test('without tools an edit is refused, and a free question gets a summary', () => {
  assert.match(answerTo({ input: [userMessage('run ls')], tools: [] }).words, /no tool is offered/);
  const input = [userMessage('say hello'), assistantMessage('hello'), userMessage('Sum up what happened so far.')];
  assert.match(answerTo({ input, tools: [] }).words, /User: say hello\nAnswer: hello/);
});

test('only the newest prompt counts, and messages that no user wrote are no prompts', () => {
  const noise = [
    '# AGENTS.md instructions for /x',
    '<environment_context>x</environment_context>',
    'Warning: apply_patch was asked for',
  ];
  const input = [userMessage('run ls'), assistantMessage('done'), userMessage('say new'), ...noise.map(userMessage)];
  assert.deepEqual(answerTo({ input, tools: TOOLS }), { kind: 'words', words: 'new' });
  const aborted = [
    userMessage('run ls'),
    userMessage('<turn_aborted>\nstopped\n</turn_aborted>'),
    userMessage('say next'),
  ];
  assert.deepEqual(answerTo({ input: aborted, tools: TOOLS }), { kind: 'words', words: 'next' });
});

test('input that arrives during a turn is carried out as well', () => {
  const input = [
    userMessage('run ls'),
    assistantMessage('Running `ls`.'),
    { type: 'function_call', name: 'shell_command', arguments: '{}', call_id: 'c' },
    { type: 'function_call_output', call_id: 'c', output: asText({ exitCode: 1, text: 'no' }) },
    userMessage('say too'),
  ];
  assert.match(answerTo({ input, tools: TOOLS }).words, /failed with exit code 1[\s\S]*too$/);
});

test('replacements change every occurrence and nothing else', async () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'x y'), maxLength: 40 });
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), minLength: 1, maxLength: 3 });
  using runner = new ToolRunner(DIALECTS['shell with a custom patch tool'] ?? []);
  await fc.assert(
    fc.asyncProperty(letters, part, fc.string({ unit: fc.constantFrom('c', 'd') }), async (start, from, to) => {
      const content = `${start}\n`;
      // A newline at the very end of a file is not for the patch language to take away.
      fc.pre(
        content.includes(from) &&
          !content
            .split(from)
            .join(to)
            .match(/^\n*$|[^\n]$|\n\n$/) &&
          !content.endsWith('\n\n'),
      );
      assert.notEqual(replacement('f.txt', content, from, to), null);
      runner.write('f.txt', content);
      const quote = (text: string): string => JSON.stringify(text);
      const words = await runner.ask(`replace ${quote(from)} with ${quote(to)} in f.txt`);
      assert.equal(runner.read('f.txt'), content.split(from).join(to), words);
    }),
    { numRuns: 60 },
  );
});

test('no request makes the model fail', () => {
  const item = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        type: fc.constantFrom('message', 'function_call', 'function_call_output', 'local_shell_call', 'reasoning'),
        role: fc.constantFrom('user', 'assistant', 'developer'),
        content: fc.oneof(
          fc.jsonValue(),
          fc.array(fc.record({ text: fc.constantFrom('run ls', 'say x', 'what', 'replace a with b in c') })),
        ),
        call_id: fc.constantFrom('1', '2'),
        output: fc.oneof(
          fc.jsonValue(),
          fc.constantFrom(asText({ exitCode: 0, text: 'a' }), 'Process running with session ID 1\nOutput:\n'),
        ),
      },
      { requiredKeys: ['type'] },
    ),
  ) as fc.Arbitrary<Json>;
  const body = fc.record({
    input: fc.array(item),
    tools: fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(DIALECTS))),
  });
  fc.assert(
    fc.property(fc.oneof(body, fc.jsonValue()), (request) =>
      assert.ok(['call', 'words'].includes(answerTo(request).kind)),
    ),
    { numRuns: 500 },
  );
});
