import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineCounter } from '../../bench/client/lines.ts';

const OUTPUT = [
  '{"id":1,"result":{}}',
  '{"method":"item/agentMessage/delta","params":{"delta":"é"}}',
  '{"method":"turn/completed","params":{"threadId":"a"}}',
  '{"method":"turn/completed/other","params":{}}',
  '',
].join('\n');

test('lines are counted and told apart, wherever the output is cut', () => {
  const bytes = Buffer.from(OUTPUT);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const replies: string[] = [];
    const completed: string[] = [];
    const counter = new LineCounter({
      onReply: (line) => replies.push(line),
      onTurnCompleted: (line) => completed.push(line),
    });
    counter.push(bytes.subarray(0, cut));
    counter.push(bytes.subarray(cut));
    assert.equal(counter.count, 4);
    assert.deepEqual(replies, ['{"id":1,"result":{}}']);
    assert.deepEqual(completed, ['{"method":"turn/completed","params":{"threadId":"a"}}']);
  }
});
