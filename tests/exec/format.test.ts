import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatShellJson,
  formatShellText,
  parseShellJson,
  type ShellOutcome,
  shellReport,
} from '../../src/exec/format.ts';

const outcome = (more: Partial<ShellOutcome>): ShellOutcome => ({
  exitCode: 0,
  durationMs: 0,
  timedOut: false,
  output: 'text\n',
  ...more,
});

const ROOMY = { mode: 'bytes', limit: 10_000 } as const;

test('the JSON form always has a decimal in its duration', () => {
  const json = (durationMs: number) => formatShellJson(outcome({ durationMs }), ROOMY);
  assert.equal(json(0), '{"output":"text\\n","metadata":{"exit_code":0,"duration_seconds":0.0}}');
  assert.match(json(345), /"duration_seconds":0\.3\}/);
  assert.match(json(1065), /"duration_seconds":1\.1\}/);
  assert.match(json(4000), /"duration_seconds":4\.0\}/);
});

test('the text form has none where it is zero', () => {
  const text = (durationMs: number) => formatShellText(shellReport(outcome({ durationMs, exitCode: 3 }), ROOMY));
  assert.equal(text(4000), 'Exit code: 3\nWall time: 4 seconds\nOutput:\ntext\n');
  assert.equal(text(345), 'Exit code: 3\nWall time: 0.3 seconds\nOutput:\ntext\n');
});

test('a timeout is announced in front of the output', () => {
  const json = formatShellJson(outcome({ timedOut: true, exitCode: 124, durationMs: 1503 }), ROOMY);
  assert.equal(
    json,
    '{"output":"command timed out after 1503 milliseconds\\ntext\\n","metadata":{"exit_code":124,"duration_seconds":1.5}}',
  );
});

test('a cut JSON output says how many lines there were, outside the limit', () => {
  const report = parseShellJson(formatShellJson(outcome({ output: 'a\nb\nc\nd\n' }), { mode: 'bytes', limit: 4 }));
  assert.equal(report?.totalLines, 4);
  assert.equal(report?.output, 'a\n…4 chars truncated…d\n');
});

test('a cut text output says so only when the number of lines changed', () => {
  const limit = { mode: 'bytes', limit: 4 } as const;
  assert.equal(
    formatShellText(shellReport(outcome({ output: 'a\nb\nc\nd\n' }), limit)),
    'Exit code: 0\nWall time: 0 seconds\nTotal output lines: 4\nOutput:\na\n…4 chars truncated…d\n',
  );
  assert.equal(
    formatShellText(shellReport(outcome({ output: '123456789' }), limit)),
    'Exit code: 0\nWall time: 0 seconds\nOutput:\n12…5 chars truncated…89',
  );
});

test('a JSON form can be converted to the text form', () => {
  const json = formatShellJson(outcome({ exitCode: 2, durationMs: 1234 }), ROOMY);
  const report = parseShellJson(json);
  assert.ok(report !== null);
  assert.equal(formatShellText(report), 'Exit code: 2\nWall time: 1.2 seconds\nOutput:\ntext\n');
});

test('anything else is not a JSON form', () => {
  for (const text of [
    '',
    'x',
    '{}',
    'null',
    '[]',
    '{"output":1,"metadata":{}}',
    '{"output":"","metadata":{"exit_code":"0"}}',
  ]) {
    assert.equal(parseShellJson(text), null, text);
  }
});
