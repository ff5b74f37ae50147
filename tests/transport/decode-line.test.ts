import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeLine } from '../../src/transport/decode-line.ts';

const decode = (text: string) => decodeLine(Buffer.from(text));

test('an object is a request, notification, result or error, in this order of preference', () => {
  assert.deepEqual(decode('{"jsonrpc":"2.0","id":7,"method":"m","params":[1],"result":1}'), {
    kind: 'request',
    idText: '7',
    method: 'm',
    params: [1],
  });
  assert.deepEqual(decode('{"method":"m"}\r'), { kind: 'notification', method: 'm', params: undefined });
  assert.deepEqual(decode('{"id":0,"result":null}'), { kind: 'result', id: 0, result: null });
  assert.deepEqual(decode('{"id":"0","result":1,"error":null}'), { kind: 'result', id: '"0"', result: 1 });
  assert.deepEqual(decode('{"error":{"code":-1,"message":"no","data":2},"id":3}'), {
    kind: 'error',
    id: 3,
    code: -1,
    message: 'no',
    data: 2,
  });
});

test('blank lines are nothing', () => {
  for (const text of ['', ' ', '\r', '\t \r']) assert.deepEqual(decode(text), { kind: 'blank' });
});

test('what is not JSON is a parse error', () => {
  for (const text of ['{', 'x', '{"id":1,"method":"m"} x', '\ufeff{"method":"m"}', '{"id":1,}', "{'a':1}"]) {
    const line = decode(text);
    assert.ok(line.kind === 'bad' && line.code === -32700, text);
  }
  const invalid = decodeLine(Buffer.concat([Buffer.from('{"method":"'), Buffer.from([0xff, 0xc0]), Buffer.from('"}')]));
  assert.ok(invalid.kind === 'bad' && invalid.code === -32700);
});

test('JSON that is no message is an invalid request', () => {
  const texts = [
    '[]',
    '[{"id":1,"method":"m"}]',
    '3',
    '"x"',
    'null',
    '{}',
    '{"id":1}',
    '{"id":1,"method":5}',
    '{"id":1,"method":null,"result":1}',
    '{"id":1,"error":{}}',
    '{"id":1,"error":{"code":"x","message":"y"}}',
    '{"id":1,"error":"boom"}',
    '{"result":1}',
    '{"id":null,"result":1}',
    '{"id":1,"id":2,"method":"m"}',
    '{"id":1,"method":"m","method":"n"}',
    '{"id":1,"method":"m","\\u006dethod":"n"}',
  ];
  for (const text of texts) {
    const line = decode(text);
    assert.ok(line.kind === 'bad' && line.code === -32600, text);
  }
});

test('an answer that cannot be understood names the request that has no other answer to wait for', () => {
  const texts = [
    '{"id":3,"error":{}}',
    '{"id":3,"error":null}',
    '{"id":3,"result":1,"error":{"code":1,"message":"no"}}',
    '{"id":3,"result":1,"result":2}',
    '{"id":3,"result":{"a":1,"b":[{"a":2}],"\\u0061":3}}',
  ];
  for (const text of texts) {
    const line = decode(text);
    assert.ok(line.kind === 'bad' && line.responseTo === 3, text);
  }
  assert.equal(decode('{"id":3,"result":{"a":{"b":1},"b":{"a":1}}}').kind, 'result');
  for (const text of [
    '{"id":"3","error":{}}',
    '{"id":1e1,"error":{}}',
    '{"error":5}',
    '{"id":3,"method":"m","method":"n"}',
  ]) {
    const line = decode(text);
    assert.ok(line.kind === 'bad' && line.responseTo === undefined, text);
  }
});

test('an error without an id answers nothing of ours and is not answered in turn', () => {
  assert.equal(decode('{"id":null,"error":{"code":-32600,"message":"x"}}').kind, 'error');
  assert.equal(decode('{"error":{"code":-32600,"message":"x"}}').kind, 'error');
});

test('an id is a string or a signed 64-bit integer, kept as it was written', () => {
  for (const id of [
    '""',
    '"a\\u00e9\\n"',
    '0',
    '-1',
    '9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
  ]) {
    const line = decode(`{"method":"m","params":{"id":5,"s":"\\"id\\":6"}, "id" : ${id} }`);
    assert.ok(line.kind === 'request' && line.idText === id, id);
  }
  for (const id of [
    'null',
    '1.5',
    '1.0',
    '1e3',
    '-0',
    '9223372036854775808',
    '-9223372036854775809',
    'true',
    '[1]',
    '{"id":1}',
  ]) {
    const line = decode(`{"id":${id},"method":"m"}`);
    assert.ok(line.kind === 'bad' && line.code === -32600, id);
  }
});

test('the id is found wherever it stands among any other members', () => {
  const members = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 6 });
  fc.assert(
    fc.property(
      members,
      members,
      fc.maxSafeInteger(),
      fc.constantFrom(undefined, 1, '\t'),
      (before, after, id, indent) => {
        const deciding = ['id', 'method', 'params', 'result', 'error', '__proto__'];
        const without = (from: object) => Object.entries(from).filter(([key]) => !deciding.includes(key));
        const message = Object.fromEntries([...without(before), ['method', 'm'], ['id', id], ...without(after)]);
        const text = JSON.stringify(message, undefined, indent).replaceAll('\n', ' ');
        const line = decode(text);
        assert.ok(line.kind === 'request' && line.idText === String(id === 0 ? 0 : id), text);
      },
    ),
  );
});

test('no bytes make the decoder throw', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.stringMatching(/^[{}[\]":,idmethod0-9. ]*$/));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        text.map((value) => Buffer.from(value)),
      ),
      (bytes) => {
        assert.ok(decodeLine(Buffer.from(bytes)).kind.length > 0);
      },
    ),
  );
});
