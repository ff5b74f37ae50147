/** Every public declaration says what it is, and the generated TypeScript says it too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transform } from 'esbuild';
import { DOCS } from '../../src/protocol/schema/docs.ts';
import { emitTypes } from '../../src/protocol/schema/emit-types.ts';
import { filesBelow, readProjectFile } from '../support/project.ts';

const EXPORTED = /^export (?:const|function|class|interface|type) ([\w$]+|\{)/;
const MESSAGE = /^ {2}(request|serverRequest|notification|clientNotification)\(/;
/** The files that declare what is on the wire, not how it is declared. */
const isArea = (path: string): boolean => !/\/(?:schema\/|define|outbound|published|registry)/.test(path);

/** What a file exports and the messages that it lists, with the line above. A type that has the name of a schema is documented there. */
function exportsOf(path: string): { readonly at: string; readonly above: string }[] {
  const lines = readProjectFile(path).split('\n');
  const schemas = new Set(lines.flatMap((line) => /^export const (\w+)/.exec(line)?.[1] ?? []));
  return lines.flatMap((line, index) => {
    const [, name] = EXPORTED.exec(line) ?? MESSAGE.exec(line) ?? [];
    if (name === undefined || (line.startsWith('export type') && schemas.has(name))) return [];
    return { at: `${path}:${index + 1}: ${name}`, above: lines[index - 1] ?? '' };
  });
}

test('every exported declaration of the protocol has a doc comment; on the wire, one sentence in one line', () => {
  const exported = filesBelow('src/protocol').flatMap((path) => exportsOf(path).map((each) => ({ ...each, path })));
  assert.ok(exported.length > 450);
  const bare = exported.filter(({ path, above }) =>
    isArea(path) ? !/^ *\/\*\* [A-Z`].*\. \*\/$/.test(above) : !above.endsWith('*/'),
  );
  assert.deepEqual(
    bare.map(({ at }) => at),
    [],
  );
});

/** Nothing names these in the generated TypeScript. */
const PRINTED_IN_PLACE = ['FunctionCallOutputPayload', 'FunctionCallOutputPayloadSerde', 'ContextCompactedEvent'];

test('doc comments of types, members and methods stand in the generated TypeScript', () => {
  const texts = [...emitTypes().values()];
  const isPrinted = (key: string, doc: string): boolean => {
    const name = key.replace(/^.*[./](?=[^./]+$)/, '');
    const place = key.includes('.') ? '' : /^(?:core\/)?[A-Z]/.test(key) ? `export type ${name} ` : '  | { "method"';
    return texts.some((text) => text.includes(`/** ${doc} */\n${place}`));
  };
  const docs = Object.entries(DOCS);
  assert.ok(docs.length > 500);
  const missing = docs.filter(([key, doc]) => !PRINTED_IN_PLACE.includes(key) && !isPrinted(key, doc));
  assert.deepEqual(missing, []);
});

test('a member is documented at its place, and the generated TypeScript is well-formed', async () => {
  const files = emitTypes();
  assert.match(files.get('v2/Thread.ts') ?? '', /^ {2}\/\*\* Seconds since 1970\. \*\/\n {2}createdAt: number,$/m);
  assert.match(files.get('v2/SandboxPolicy.ts') ?? '', /^ {2}\/\*\* .*\. \*\/\n {2}\| \{ type: "externalSandbox", /m);
  assert.match(files.get('ClientRequest.ts') ?? '', /^ {2}\/\*\* .*\. \*\/\n {2}\| \{ "method": "thread\/read", /m);
  for (const [path, text] of files) {
    await assert.doesNotReject(transform(text, { loader: 'ts', logLevel: 'silent' }), path);
  }
});
