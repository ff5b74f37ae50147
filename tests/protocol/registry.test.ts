import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allClientRequests,
  allNotifications,
  allServerRequests,
  type ClientMethod,
  clientNotifications,
  clientRequests,
  findClientRequest,
  type NotificationParams,
  notifications,
  type ParamsOf,
  type ResultOf,
  serverRequests,
} from '../../src/protocol/registry.ts';
import { emitJsonSchemas } from '../../src/protocol/schema/emit.ts';
import { emitTypes } from '../../src/protocol/schema/emit-types.ts';
import type { HandlerTable } from '../../src/rpc/application.ts';
import { filesBelow, readProjectFile } from '../support/project.ts';

test('there are 56 client requests, 7 server requests and 31 notifications before additions', () => {
  assert.deepEqual([clientRequests.length, serverRequests.length, notifications.length], [56, 7, 31]);
});

test('no method is declared twice', () => {
  for (const list of [allClientRequests, serverRequests, allNotifications]) {
    const methods = list.map(({ method }) => method);
    assert.equal(new Set(methods).size, methods.length);
  }
});

test('every message that a file of the protocol declares is registered', () => {
  const registered = new Set<string>(
    [...allClientRequests, ...allServerRequests, ...allNotifications, ...clientNotifications].map(
      ({ method }) => method,
    ),
  );
  const methods = filesBelow('src/protocol')
    .map(readProjectFile)
    .flatMap((text) => [...text.matchAll(/\b(?:request|serverRequest|notification|clientNotification)\(\s*'([^']+)'/g)])
    .map(([, method = '']) => method);
  assert.ok(methods.length > 90);
  assert.deepEqual(
    methods.filter((method) => !registered.has(method)),
    [],
  );
});

test('a method is found by name, an inherited name is none', () => {
  assert.equal(findClientRequest('thread/read')?.method, 'thread/read');
  assert.equal(findClientRequest('toString'), undefined);
});

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(..._witness: T[]): void => {};

test('types follow from the declarations, and a missing or unknown handler does not compile', () => {
  holds<Equal<ParamsOf<'thread/read'>, { threadId: string; includeTurns: boolean }>>();
  holds<Equal<ParamsOf<'userInfo'>, undefined>>();
  holds<Equal<ResultOf<'getUserAgent'>, { userAgent: string }>>();
  holds<Equal<NotificationParams<'thread/started'>['thread']['id'], string>>();

  const area: Pick<HandlerTable, 'getUserAgent' | 'userInfo'> = {
    getUserAgent: () => ({ userAgent: 'a' }),
    userInfo: () => ({ allegedUserEmail: null }),
  };
  // @ts-expect-error: the other handlers are missing
  const table: HandlerTable = area;
  // @ts-expect-error: there is no such method
  const method: ClientMethod = 'thread/zz';
  // @ts-expect-error: the result lacks a member
  const result: ResultOf<'getUserAgent'> = {};
  assert.ok(table && method && result);
});

test('every import of the TypeScript bindings leads to an emitted file', () => {
  const files = emitTypes();
  for (const [path, text] of files) {
    for (const [, target] of text.matchAll(/from "(\.[^"]+)"/g)) {
      const found = new URL(`${target}.ts`, `file:///${path}`).pathname.slice(1);
      const folder = new URL(`${target}/index.ts`, `file:///${path}`).pathname.slice(1);
      assert.ok(files.has(found) || files.has(folder), `${path} imports ${target}`);
    }
  }
});

test('bindings lie where clients look for them', () => {
  const files = emitTypes();
  for (const path of [
    'index.ts',
    'v2/index.ts',
    'ClientRequest.ts',
    'EventMsg.ts',
    'ErrorEvent.ts',
    'v2/Thread.ts',
    'v2/AskForApproval.ts',
    'ResponseItem.ts',
    'serde_json/JsonValue.ts',
  ]) {
    assert.ok(files.has(path), path);
  }
  assert.ok(files.get('v2/Thread.ts')?.includes('gitInfo: GitInfo | null'));
});

test('additions are listed apart', () => {
  const schemas = emitJsonSchemas();
  assert.ok(schemas.has('additions/v2/TurnSteerParams.json') && !schemas.has('v2/TurnSteerParams.json'));
  assert.ok(!schemas.get('v2/ThreadResumeParams.json')?.includes('excludeTurns'));
  assert.ok(schemas.get('additions/v2/ThreadResumeParams.json')?.includes('excludeTurns'));
  assert.ok(emitTypes().get('additions/ThreadResumeParams.ts')?.includes('excludeTurns?: boolean | null'));
  assert.ok(!emitTypes().get('v2/ThreadResumeParams.ts')?.includes('excludeTurns'));
});
