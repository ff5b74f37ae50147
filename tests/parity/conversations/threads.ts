/** What can be done to whole threads: started, resumed, forked, read, archived, rolled back, named; and how it is refused. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { calls, completed, created, message, reasoning, says, shell } from '../../support/model-events.ts';
import { hang, type Reply, stream } from '../../support/model-server.ts';
import type { Conversation } from '../support/compare.ts';
import { hideEstimates } from '../support/masks.ts';
import type { Loose, Session } from '../support/session.ts';

const UNKNOWN = '01900000-0000-7000-8000-000000000000';

const good = (id: string): Reply => stream(says(`said ${id}`, id, { input: 5, output: 1 }));

/** Turns with one answer each; their texts are `question NAME`. */
async function turns(s: Session, threadId: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    s.model.script(good(`m-${name}`));
    await s.turn(threadId, `question ${name}`);
  }
}

/** A thread and its file. */
async function opened(s: Session, params: Loose = {}): Promise<{ threadId: string; path: string }> {
  const { thread } = await s.call('thread/start', { cwd: s.workspace, ...params });
  return { threadId: thread.id, path: thread.path };
}

async function restart(s: Session): Promise<void> {
  await s.stop();
  await s.start();
}

/** Each of the ids that name nothing. */
async function refused(s: Session, method: string, params: Loose = {}): Promise<void> {
  for (const threadId of [
    '',
    'abc',
    `${UNKNOWN}0`,
    'g1900000-0000-7000-8000-000000000000',
    UNKNOWN,
    '../../etc/passwd',
  ]) {
    await s.request(method, { threadId, ...params });
  }
}

const HISTORY = [
  { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'from a history' }] },
  { type: 'reasoning', summary: [{ type: 'summary_text', text: 'thought' }], encrypted_content: 'sealed' },
  { type: 'function_call', name: 'shell', arguments: '{"command":["ls"]}', call_id: 'c-old' },
  { type: 'function_call_output', call_id: 'c-old', output: 'listed' },
  { type: 'function_call', name: 'shell', arguments: '{}', call_id: 'c-open' },
  { type: 'message', role: 'assistant', id: 'm-old', content: [{ type: 'output_text', text: 'answered' }] },
];

export const threads: readonly Conversation[] = [
  {
    name: 'thread/start with every option, one at a time',
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      const options: readonly Loose[] = [
        {},
        { model: 'gpt-5.1' },
        { modelProvider: 'nobody' },
        { modelProvider: 'local', model: null, cwd: null },
        { cwd: 'relative/folder' },
        { cwd: '/no/such/folder' },
        { approvalPolicy: 'untrusted', sandbox: 'read-only' },
        { approvalPolicy: 'on-failure', sandbox: 'workspace-write' },
        { config: { 'sandbox_workspace_write.network_access': true }, sandbox: 'workspace-write' },
        { config: { model: 'gpt-5', model_reasoning_effort: 'low', profile: 'missing' } },
        { config: { model: 'gpt-5', model_reasoning_effort: 'low' } },
        { config: { model_reasoning_effort: 'enormous' } },
        { baseInstructions: 'MARK-base' },
        { baseInstructions: '', developerInstructions: '' },
        { developerInstructions: 'MARK-developer' },
        { personality: 'pragmatic' },
        { baseInstructions: 'MARK-base', personality: 'pragmatic' },
        { ephemeral: true },
        { ephemeral: true, experimentalRawEvents: true },
      ];
      for (const [n, params] of options.entries()) {
        const reply = await s.request('thread/start', params);
        if (reply.error === undefined) await turns(s, reply.result.thread.id, `s${n}`);
        await s.quiet();
      }
    },
  },
  {
    name: 'instructions of one’s own leave no room for a personality',
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      const { threadId } = await opened(s, { baseInstructions: 'MARK-base', experimentalRawEvents: true });
      await turns(s, threadId, 'one');
      s.model.script(good('m-two'), good('m-three'));
      await s.turn(threadId, 'two', { personality: 'pragmatic' });
      await restart(s);
      await s.call('thread/resume', { threadId });
      await s.turn(threadId, 'three');
    },
  },
  {
    name: 'without the feature nobody speaks of personalities',
    setUp: { model: 'gpt-5.2-codex', features: { personality: false } },
    talk: async (s) => {
      const { threadId } = await opened(s, { personality: 'friendly' });
      s.model.script(good('m-one'), good('m-two'));
      await s.turn(threadId, 'one');
      await s.turn(threadId, 'two', { personality: 'pragmatic' });
    },
  },
  {
    name: 'thread/resume by id, by path, by history, with what the request says over the file',
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      const { threadId, path } = await opened(s, { baseInstructions: 'MARK-stored', approvalPolicy: 'untrusted' });
      await turns(s, threadId, 'one', 'two');
      await restart(s);
      await s.call('thread/resume', { threadId: threadId.toUpperCase() });
      await turns(s, threadId, 'three');
      await restart(s);
      await s.call('thread/resume', { threadId: 'anything', path });
      await turns(s, threadId, 'four');
      await restart(s);
      const settings = { model: 'gpt-5.1', sandbox: 'read-only', approvalPolicy: 'on-request', cwd: s.home };
      const said = { baseInstructions: 'MARK-new', developerInstructions: 'MARK-dev', personality: 'pragmatic' };
      await s.call('thread/resume', { threadId, ...settings, ...said, config: { model_reasoning_effort: 'high' } });
      await turns(s, threadId, 'five');
      await s.quiet();
      const { thread } = await s.call('thread/resume', { threadId: '', path: 'nowhere', history: HISTORY });
      await turns(s, thread.id, 'six');
      await s.call('thread/read', { threadId: thread.id, includeTurns: true });
    },
  },
  {
    name: 'thread/resume of a loaded thread is answered with the settings that it names',
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      const { threadId } = await opened(s);
      await turns(s, threadId, 'one');
      const changes: readonly Loose[] = [
        {},
        { model: 'gpt-5.1', approvalPolicy: 'on-request', sandbox: 'workspace-write', cwd: s.home },
        { config: { model: 'gpt-5', model_reasoning_effort: 'low' }, personality: 'pragmatic' },
        { config: { 'sandbox_workspace_write.network_access': true, sandbox_mode: 'workspace-write' } },
      ];
      // The reference begins each time with what is configured, so that each is asked of a thread as it was started.
      for (const change of changes) {
        await restart(s);
        await s.call('thread/resume', { threadId, cwd: s.workspace });
        await s.call('thread/resume', { threadId, ...change });
      }
    },
    // The reference loads the thread a second time, and says so.
    mask: (block) => (/^start-up of/.test(block.lane) || /event\/warning$/.test(block.title) ? null : block),
  },
  {
    name: 'thread/resume of files in other places, and of copies',
    talk: async (s) => {
      const { threadId, path } = await opened(s);
      await turns(s, threadId, 'one');
      await s.call('thread/archive', { threadId });
      await restart(s);
      const name = path.split('/').at(-1) ?? '';
      await s.request('thread/resume', { threadId });
      await s.call('thread/resume', { threadId: 'x', path: join(s.home, 'archived_sessions', name) });
      await turns(s, threadId, 'two');
      await restart(s);
      const copy = join(s.workspace, 'copies', 'any-name.jsonl');
      mkdirSync(join(s.workspace, 'copies'));
      copyFileSync(join(s.home, 'archived_sessions', name), copy);
      await s.call('thread/resume', { threadId: 'x', path: copy });
      await turns(s, threadId, 'three');
    },
  },
  {
    name: 'thread/resume and thread/fork: refusals',
    talk: async (s) => {
      for (const method of ['thread/resume', 'thread/fork']) await refused(s, method);
      s.write('empty.jsonl', '');
      s.write('blank.jsonl', '\n\n');
      s.write('junk.jsonl', 'no json\n{"a":1}\n');
      s.write(
        'no-head.jsonl',
        '{"timestamp":"2026-01-01T00:00:00.000Z","type":"event_msg","payload":{"type":"user_message","message":"x"}}\n',
      );
      const { threadId } = await opened(s);
      for (const method of ['thread/resume', 'thread/fork']) {
        for (const file of ['empty', 'blank', 'junk', 'no-head', 'missing']) {
          await s.request(method, { threadId: 'x', path: join(s.workspace, `${file}.jsonl`) });
        }
        await s.request(method, { threadId: 'x', path: s.workspace });
        await s.request(method, { threadId, modelProvider: 'nobody' });
        await s.request(method, { threadId, config: { profile: 'missing' } });
      }
      await s.request('thread/resume', { threadId: 'x', history: [] });
      await s.request('thread/resume', { path: 'x' });
    },
  },
  {
    name: 'thread/fork by id and by path, of a fork, with settings of its own',
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      const { threadId, path } = await opened(s, { developerInstructions: 'MARK-first' });
      s.model.script(stream(calls(reasoning('r1', ['why']), shell('c1', ['echo', 'x']))));
      await turns(s, threadId, 'one', 'two', 'three');
      await s.call('thread/rollback', { threadId, numTurns: 1 });
      const first = (await s.call('thread/fork', { threadId })).thread.id;
      await turns(s, first, 'four');
      const settings = { model: 'gpt-5.1', approvalPolicy: 'on-request', sandbox: 'read-only', cwd: s.home };
      const second = await s.call('thread/fork', {
        threadId: '',
        path,
        ...settings,
        developerInstructions: 'MARK-own',
      });
      await turns(s, second.thread.id, 'five');
      const third = (await s.call('thread/fork', { threadId: first, baseInstructions: 'MARK-base' })).thread.id;
      await turns(s, third, 'six');
      await turns(s, threadId, 'seven');
      await s.call('thread/list', { sortKey: 'created_at' });
      await restart(s);
      await s.call('thread/resume', { threadId: third });
      await turns(s, third, 'eight');
    },
    mask: hideEstimates,
  },
  {
    name: 'thread/read and thread/loaded/list of threads of every state',
    talk: async (s) => {
      const ids: string[] = [];
      for (let n = 0; n < 3; n += 1) ids.push((await opened(s)).threadId);
      const [first = '', second = '', third = ''] = ids;
      const ephemeral = await s.thread({ ephemeral: true });
      await turns(s, first, 'one', 'two');
      await turns(s, ephemeral, 'three');
      await s.call('thread/archive', { threadId: second });
      for (const threadId of [...ids, ephemeral, first.toUpperCase(), first.replaceAll('-', '')]) {
        await s.request('thread/read', { threadId });
        await s.request('thread/read', { threadId, includeTurns: true });
      }
      await refused(s, 'thread/read');
      for (const limit of [null, 0, 1, 2, 100]) await s.call('thread/loaded/list', { limit });
      await s.request('thread/loaded/list', { cursor: first, limit: 1 });
      await s.request('thread/loaded/list', { cursor: third });
      await s.request('thread/loaded/list', { cursor: 'zz' });
      await restart(s);
      await s.call('thread/loaded/list', {});
      await s.request('thread/read', { threadId: ephemeral });
      await s.request('turn/start', { threadId: first, input: [{ type: 'text', text: 'x' }] });
    },
  },
  {
    name: 'thread/archive and thread/unarchive, and everything that comes after',
    talk: async (s) => {
      const { threadId } = await opened(s);
      await turns(s, threadId, 'one');
      await s.call('thread/archive', { threadId });
      await s.request('thread/archive', { threadId });
      for (const method of ['thread/read', 'thread/resume', 'thread/fork']) await s.request(method, { threadId });
      await s.request('turn/start', { threadId, input: [{ type: 'text', text: 'x' }] });
      await s.request('thread/rollback', { threadId, numTurns: 1 });
      await s.request('thread/name/set', { threadId, name: 'n' });
      await s.call('thread/list', { archived: true });
      await s.call('thread/list', {});
      await s.call('thread/unarchive', { threadId });
      await s.request('thread/unarchive', { threadId });
      await s.call('thread/list', {});
      await s.call('thread/read', { threadId, includeTurns: true });
      await s.call('thread/resume', { threadId });
      await turns(s, threadId, 'two');
      await refused(s, 'thread/archive');
      await refused(s, 'thread/unarchive');
      const ephemeral = await s.thread({ ephemeral: true });
      await s.request('thread/archive', { threadId: ephemeral });
    },
  },
  {
    name: 'thread/archive while a turn runs',
    talk: async (s) => {
      const { threadId } = await opened(s);
      await turns(s, threadId, 'one');
      s.model.script(hang(created()));
      await s.begin(threadId, 'never ends');
      await s.model.waitForRequest(2);
      await s.quiet();
      await s.call('thread/archive', { threadId });
      await s.call('thread/loaded/list', {});
      await s.call('thread/unarchive', { threadId });
      await s.call('thread/resume', { threadId });
      await turns(s, threadId, 'two');
    },
  },
  {
    name: 'thread/rollback: how many, of what, and the turns after it',
    talk: async (s) => {
      const { threadId } = await opened(s);
      s.model.script(stream([created(), reasoning('r1', ['why'], ['raw']), message('m0', 'a'), completed('r')]));
      await s.turn(threadId, [
        { type: 'text', text: 'with ' },
        { type: 'text', text: 'parts' },
        { type: 'image', url: 'data:image/png;base64,AAAA' },
      ]);
      await turns(s, threadId, 'one', 'two', 'three');
      await refused(s, 'thread/rollback', { numTurns: 1 });
      for (const numTurns of [0, -1, 1.5, 4_294_967_296, null, '1']) {
        await s.request('thread/rollback', { threadId, numTurns });
      }
      await s.call('thread/rollback', { threadId, numTurns: 1 });
      await turns(s, threadId, 'four');
      await s.call('thread/rollback', { threadId, numTurns: 2 });
      await s.call('thread/rollback', { threadId, numTurns: 1 });
      await turns(s, threadId, 'five');
      await restart(s);
      await s.call('thread/resume', { threadId });
      await s.call('thread/rollback', { threadId, numTurns: 1 });
      await turns(s, threadId, 'six');
      await s.call('thread/rollback', { threadId, numTurns: 4_294_967_295 });
      await turns(s, threadId, 'seven');
      await s.call('thread/read', { threadId, includeTurns: true });
    },
    mask: hideEstimates,
  },
  {
    name: 'thread/rollback of turns that ran under other settings',
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      const { threadId } = await opened(s);
      await turns(s, threadId, 'one');
      s.model.script(good('m-two'), good('m-three'), good('m-four'));
      await s.turn(threadId, 'two', { approvalPolicy: 'on-request', cwd: s.home, personality: 'pragmatic' });
      await s.turn(threadId, 'three', { effort: 'low', model: 'gpt-5.1' });
      await s.call('thread/rollback', { threadId, numTurns: 2 });
      await s.turn(threadId, 'four');
    },
    mask: hideEstimates,
  },
  {
    name: 'thread/rollback of an interrupted turn, and during one',
    talk: async (s) => {
      const { threadId } = await opened(s);
      await turns(s, threadId, 'one');
      s.model.script(hang(created()));
      const turnId = await s.begin(threadId, 'never ends');
      await s.model.waitForRequest(2);
      await s.quiet();
      await s.request('thread/rollback', { threadId, numTurns: 1 });
      await s.call('turn/interrupt', { threadId, turnId });
      await s.ended(threadId);
      await s.call('thread/rollback', { threadId, numTurns: 1 });
      await turns(s, threadId, 'two');
    },
    mask: hideEstimates,
  },
  {
    name: 'thread/name/set',
    talk: async (s) => {
      const { threadId } = await opened(s);
      for (const name of ['a name', '  trimmed \n', 'ünïcode 👋', '', ' \t ']) {
        await s.request('thread/name/set', { threadId, name });
        await s.quiet();
      }
      await refused(s, 'thread/name/set', { name: 'n' });
      await s.request('thread/name/set', { threadId });
      await s.call('thread/read', { threadId });
    },
  },
];
