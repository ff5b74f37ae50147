import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { type EnginePlaces, findEngine, isAbsent, parseAddedEngine } from '../../../bench/search/engines/find.ts';
import { decodeAnswer, decodeQuestion, encodeQuestion } from '../../../bench/search/engines/lines-protocol.ts';
import { distFolder } from '../../support/server.ts';

const places = (env: NodeJS.ProcessEnv, packages: EnginePlaces['packages'] = {}): EnginePlaces => ({
  main: join(distFolder(), 'main.js'),
  programs: pathToFileURL(join(distFolder(), 'bench/search/')),
  packages,
  env,
});

test('an engine that is not installed is absent, with the reason', async () => {
  const nowhere = { PATH: '/nowhere', HOME: '/nowhere', XDG_CACHE_HOME: '/nowhere' };
  for (const [name, reason] of [
    ['reference', /CODEX_REFERENCE_BIN/],
    ['fzf', /not installed/],
    ['fzf-binary', /PATH/],
  ] as const) {
    const found = await findEngine(name, places(nowhere));
    assert.ok(isAbsent(found), name);
    assert.match(found.reason, reason);
  }
});

test('our engine is the built server, the fzf package runs in a process of its own', async () => {
  const [ours, fzf] = await Promise.all([
    findEngine('shardex', places(process.env)),
    findEngine('fzf', places(process.env, { fzf: '0.5.2' })),
  ]);
  assert.ok(!isAbsent(ours) && ours.kind === 'server' && ours.args[0]?.endsWith('main.js'));
  assert.ok(!isAbsent(fzf) && fzf.kind === 'lines' && !fzf.followsChanges && fzf.version === 'fzf 0.5.2 (npm)');
});

test('an engine is added by name, kind and command', () => {
  assert.deepEqual(parseAddedEngine('new=server:/opt/codex app-server'), {
    id: 'new',
    kind: 'server',
    program: '/opt/codex',
    args: ['app-server'],
    version: 'codex',
    followsChanges: true,
    isNode: false,
  });
  const grep = parseAddedEngine('grep=filter: grep -F {query}');
  assert.deepEqual([grep.kind, grep.program, grep.args], ['filter', 'grep', ['-F', '{query}']]);
  const script = parseAddedEngine('mine=lines:node mine.js');
  assert.ok(script.kind === 'lines' && script.isNode);
  const quoted = parseAddedEngine(`mine=lines:"/a node's/node" 'my "engine".js' --x='1 2'3 ''`);
  assert.deepEqual([quoted.program, ...quoted.args], ["/a node's/node", 'my "engine".js', '--x=1 23', '']);
  assert.ok(quoted.kind === 'lines' && quoted.isNode);
  for (const text of ['mine', 'mine=node x', 'mine=socket:x', 'mine=lines:', '=lines:x', "mine=lines:node 'x"]) {
    assert.throws(() => parseAddedEngine(text), /--add/, text);
  }
});

test('a question crosses the wire of lines unchanged, whatever is searched for', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.option(fc.string()), (root, query, token) => {
      const question = { id: 7, ask: { root, query, limit: 50, token } };
      const line = encodeQuestion(question);
      assert.equal(line.indexOf('\n'), line.length - 1);
      assert.deepEqual(decodeQuestion(line), question);
    }),
  );
  assert.deepEqual(decodeQuestion(encodeQuestion({ id: 1, ask: null })), { id: 1, ask: null });
});

test('lines that are no questions and no answers are errors that show them', () => {
  assert.throws(() => decodeQuestion('{"query":"a"}'), /no id/);
  assert.throws(() => decodeQuestion('{"id":1,"query":"a"}'), /root, query or limit/);
  assert.throws(() => decodeAnswer('{"id":1,"paths":"a"}'), /not an answer: \{"id":1/);
  assert.throws(() => decodeAnswer('null'), /not an object/);
  assert.deepEqual(decodeAnswer('{"id":1}'), { id: 1, paths: [] });
});
