/** The older protocol: conversations begun, resumed, forked, listed, archived; turns, interrupts, listeners of both kinds. */
import { join } from 'node:path';
import { calls, created, reasoning, says, shell, streams } from '../../support/model-events.ts';
import { gate, hang, type Reply, stream } from '../../support/model-server.ts';
import type { Conversation } from '../support/compare.ts';
import { both, dropTurnContexts, dropUsage, hideEstimates, hideTexts, type Mask } from '../support/masks.ts';
import type { Loose, Session } from '../support/session.ts';

const UNKNOWN = '01900000-0000-7000-8000-000000000000';
const NO_IDS = ['', 'abc', `${UNKNOWN}0`, UNKNOWN];

const good = (id: string): Reply => stream(says(`said ${id}`, id, { input: 5, output: 1 }));

const textItem = (text: string): Loose => ({ type: 'text', data: { text, text_elements: [] } });

interface Begun {
  readonly conversationId: string;
  readonly rolloutPath: string;
}

const begin = (s: Session, params: Loose = {}): Promise<Begun> =>
  s.call('newConversation', { cwd: s.workspace, ...params });

const listen = async (s: Session, conversationId: string, experimentalRawEvents = false): Promise<string> =>
  (await s.call('addConversationListener', { conversationId, experimentalRawEvents })).subscriptionId;

/** The end of a conversation's next turn. */
const ended = (s: Session, conversationId: string): Promise<Loose> =>
  s.take(
    ({ method, params }) => method === 'turn/completed' && params.threadId === conversationId,
    `an end in ${conversationId}`,
  );

/** One turn from its message to its end; somebody must listen. */
async function say(s: Session, conversationId: string, text: string, ...more: readonly Loose[]): Promise<void> {
  s.model.script(good(`m-${text}`));
  await s.call('sendUserMessage', { conversationId, items: [textItem(text), ...more] });
  await ended(s, conversationId);
  await s.quiet();
}

const turnOf = (s: Session, conversationId: string, text: string, settings: Loose = {}): Loose => ({
  conversationId,
  items: [textItem(text)],
  cwd: s.workspace,
  approvalPolicy: 'never',
  sandboxPolicy: { type: 'danger-full-access' },
  model: 'some-model',
  summary: 'auto',
  ...settings,
});

async function sayTurn(s: Session, conversationId: string, text: string, settings: Loose = {}): Promise<void> {
  s.model.script(good(`m-${text}`));
  await s.call('sendUserTurn', turnOf(s, conversationId, text, settings));
  await ended(s, conversationId);
  await s.quiet();
}

async function restart(s: Session): Promise<void> {
  await s.stop();
  await s.start();
}

/** The inode of a file is what it is. */
const hideInode: Mask = (block) =>
  block.title === 'sessionConfigured'
    ? { ...block, value: { ...block.value, params: { ...block.value.params, historyLogId: '<inode>' } } }
    : block;

const HISTORY = [
  { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'from a history' }] },
  { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'answered' }] },
];

export const legacy: readonly Conversation[] = [
  {
    name: 'legacy: newConversation with every option',
    setUp: { model: 'gpt-5.2-codex', tables: '[profiles.other]\nmodel = "gpt-5.1"\nmodel_reasoning_effort = "low"\n' },
    talk: async (s) => {
      const options: readonly Loose[] = [
        {},
        { model: 'gpt-5.1', profile: null },
        { profile: 'other' },
        { profile: 'missing' },
        { modelProvider: 'nobody' },
        { approvalPolicy: 'untrusted', sandbox: 'read-only' },
        { config: { model_reasoning_effort: 'high', 'features.apply_patch_freeform': true } },
        { baseInstructions: 'MARK-base', developerInstructions: 'MARK-developer', compactPrompt: 'MARK-compact' },
        { includeApplyPatchTool: true },
        { includeApplyPatchTool: false },
        { cwd: 'relative' },
      ];
      for (const [n, params] of options.entries()) {
        const reply = await s.request('newConversation', params);
        if (reply.error !== undefined) continue;
        await listen(s, reply.result.conversationId);
        await say(s, reply.result.conversationId, `n${n}`);
      }
    },
    mask: hideTexts(/`--enable apply_patch_freeform`/),
  },
  {
    name: 'legacy: sendUserMessage with every kind of input, and events that waited for a listener',
    talk: async (s) => {
      const { conversationId } = await begin(s);
      s.model.script(good('m-unheard'));
      await s.call('sendUserMessage', { conversationId, items: [textItem('nobody listens')] });
      await s.model.waitForRequest(1);
      await s.quiet();
      const first = await listen(s, conversationId);
      await ended(s, conversationId);
      await say(s, conversationId, 'parts', { type: 'image', data: { image_url: 'data:image/png;base64,AAAA' } });
      s.model.script(stream(calls(reasoning('r1', ['**a** b'], ['raw']), shell('c1', ['echo', 'x']))));
      await say(s, conversationId, 'tools');
      s.model.script(stream(streams(['in ', 'pieces'], 'm-pieces')));
      await say(s, conversationId, 'spans');
      await s.call('removeConversationListener', { subscriptionId: first });
      await s.request('removeConversationListener', { subscriptionId: first });
      await listen(s, conversationId);
      await say(s, conversationId, 'after');
    },
    mask: dropUsage,
  },
  {
    name: 'legacy: a listener for raw items hears the set-up',
    talk: async (s) => {
      const { conversationId } = await begin(s, { developerInstructions: 'MARK-developer' });
      await listen(s, conversationId, true);
      await s.quiet();
      await say(s, conversationId, 'one');
    },
  },
  {
    name: 'legacy: sendUserTurn, setting after setting',
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      const { conversationId } = await begin(s);
      await listen(s, conversationId);
      await sayTurn(s, conversationId, 'one', { model: 'gpt-5.2-codex' });
      await sayTurn(s, conversationId, 'two', { approvalPolicy: 'on-request', sandboxPolicy: { type: 'read-only' } });
      const roots = { writable_roots: ['/tmp/a'], network_access: true };
      const writable = { type: 'workspace-write', ...roots, exclude_tmpdir_env_var: true, exclude_slash_tmp: false };
      await sayTurn(s, conversationId, 'three', { sandboxPolicy: writable, effort: 'high', model: 'gpt-5.1' });
      await say(s, conversationId, 'four');
      const outputSchema = { type: 'object', properties: {}, additionalProperties: false };
      await sayTurn(s, conversationId, 'five', { cwd: s.home, summary: 'concise', outputSchema });
      await sayTurn(s, conversationId, 'six', { sandboxPolicy: { type: 'external-sandbox' } });
      await s.request('sendUserTurn', turnOf(s, conversationId, 'bad', { sandboxPolicy: { type: 'readOnly' } }));
      await s.request('sendUserTurn', turnOf(s, conversationId, 'bad', { summary: 'long' }));
    },
  },
  {
    name: 'legacy: resumeConversation by id, path and history, with overrides',
    prepare: (s) => s.write(join(s.home, 'history.jsonl'), '{"session_id":"x","ts":1,"text":"a"}\n{}\n{}'),
    talk: async (s) => {
      const { conversationId, rolloutPath } = await begin(s, { baseInstructions: 'MARK-stored' });
      await listen(s, conversationId);
      await say(s, conversationId, 'one');
      await restart(s);
      await s.call('resumeConversation', { conversationId });
      await listen(s, conversationId);
      await say(s, conversationId, 'two');
      await restart(s);
      const overrides = {
        model: 'gpt-5.1',
        approvalPolicy: 'on-request',
        cwd: s.home,
        developerInstructions: 'MARK-o',
      };
      await s.call('resumeConversation', { conversationId: UNKNOWN, path: rolloutPath, history: [], overrides });
      await listen(s, conversationId);
      await say(s, conversationId, 'three');
      const fresh = (await s.call('resumeConversation', { history: HISTORY })).conversationId;
      await listen(s, fresh);
      await say(s, fresh, 'four');
      await s.request('resumeConversation', {});
      await s.request('resumeConversation', { history: [] });
      await s.request('resumeConversation', { path: '/no/such/file' });
      await s.request('resumeConversation', { conversationId: UNKNOWN });
      await s.request('resumeConversation', { conversationId: 'abc' });
    },
    mask: hideInode,
  },
  {
    name: 'legacy: forkConversation by id and by path, with overrides',
    talk: async (s) => {
      const { conversationId, rolloutPath } = await begin(s);
      await listen(s, conversationId);
      await say(s, conversationId, 'one');
      await say(s, conversationId, 'two');
      await s.call('thread/rollback', { threadId: conversationId, numTurns: 1 });
      const first = (await s.call('forkConversation', { conversationId })).conversationId;
      await listen(s, first);
      await say(s, first, 'three');
      const overrides = { model: 'gpt-5.1', baseInstructions: 'MARK-forked' };
      const second = await s.call('forkConversation', { conversationId: UNKNOWN, path: rolloutPath, overrides });
      await listen(s, second.conversationId, true);
      await say(s, second.conversationId, 'four');
      for (const params of [{}, { conversationId: UNKNOWN }, { conversationId: 'abc' }, { path: '/no/such/file' }]) {
        await s.request('forkConversation', params);
      }
    },
    mask: hideEstimates,
  },
  {
    name: 'legacy: listConversations, getConversationSummary, archiveConversation',
    talk: async (s) => {
      const { conversationId, rolloutPath } = await begin(s);
      await s.request('getConversationSummary', { conversationId });
      await listen(s, conversationId);
      await say(s, conversationId, 'a preview\nof two lines');
      await s.call('listConversations', {});
      await s.call('listConversations', { pageSize: 1, modelProviders: [] });
      await s.call('listConversations', { modelProviders: ['nobody'] });
      await s.request('listConversations', { pageSize: -1 });
      await s.request('listConversations', { cursor: 'zz' });
      await s.call('getConversationSummary', { conversationId });
      await s.call('getConversationSummary', { rolloutPath });
      await s.call('getConversationSummary', { rolloutPath: rolloutPath.slice(s.home.length + 1) });
      await s.call('getConversationSummary', { conversationId: UNKNOWN, rolloutPath });
      for (const id of NO_IDS) await s.request('getConversationSummary', { conversationId: id });
      await s.request('getConversationSummary', { rolloutPath: 'missing' });
      await s.request('getConversationSummary', {});
      for (const id of NO_IDS) await s.request('archiveConversation', { conversationId: id, rolloutPath });
      for (const path of ['', '/etc/hostname', 'missing.jsonl', '../config.toml', s.home, join(s.home, 'sessions')]) {
        await s.request('archiveConversation', { conversationId, rolloutPath: path });
      }
      await s.call('archiveConversation', { conversationId, rolloutPath });
      await s.request('archiveConversation', { conversationId, rolloutPath });
      await s.request('sendUserMessage', { conversationId, items: [textItem('x')] });
      await s.call('listConversations', {});
    },
  },
  {
    name: 'legacy: interruptConversation in a stream and in a command',
    talk: async (s) => {
      const { conversationId } = await begin(s);
      await listen(s, conversationId);
      s.model.script(hang(created()));
      await s.call('sendUserMessage', { conversationId, items: [textItem('one')] });
      await s.model.waitForRequest(1);
      await s.quiet();
      await s.call('interruptConversation', { conversationId });
      await ended(s, conversationId);
      s.model.script(stream(calls(shell('c1', ['bash', '-c', 'echo begun; sleep 30']))));
      await s.call('sendUserMessage', { conversationId, items: [textItem('two')] });
      await s.waitFor(({ method }) => method === 'item/commandExecution/outputDelta', 'output');
      await s.call('interruptConversation', { conversationId });
      await ended(s, conversationId);
      await say(s, conversationId, 'three');
    },
    mask: both(dropUsage, dropTurnContexts),
  },
  {
    name: 'legacy: a message for a running turn',
    talk: async (s) => {
      const { conversationId } = await begin(s);
      await listen(s, conversationId);
      const held = gate();
      s.model.script(stream(created(), held.wait, says('first', 'm1')), stream(says('second', 'm2')));
      await s.call('sendUserMessage', { conversationId, items: [textItem('one')] });
      await held.reached;
      await s.call('sendUserMessage', { conversationId, items: [textItem('two')] });
      held.open();
      await ended(s, conversationId);
      await say(s, conversationId, 'three');
    },
  },
  {
    name: 'legacy: the second protocol on a conversation, and the older one on a thread',
    talk: async (s) => {
      const { conversationId } = await begin(s);
      await listen(s, conversationId);
      await say(s, conversationId, 'one');
      s.model.script(good('m-two'));
      await s.turn(conversationId, 'two', { effort: 'low' });
      await s.call('thread/read', { threadId: conversationId, includeTurns: true });
      await s.call('thread/rollback', { threadId: conversationId, numTurns: 1 });
      const threadId = await s.thread();
      await say(s, threadId, 'three');
      await sayTurn(s, threadId, 'four', { approvalPolicy: 'on-request' });
      await s.call('thread/loaded/list', {});
      await s.call('thread/archive', { threadId: conversationId });
    },
    mask: hideEstimates,
  },
  {
    name: 'legacy: what is refused',
    talk: async (s) => {
      for (const conversationId of NO_IDS) {
        await s.request('sendUserMessage', { conversationId, items: [] });
        await s.request('sendUserTurn', turnOf(s, conversationId, 'x'));
        await s.request('interruptConversation', { conversationId });
        await s.request('addConversationListener', { conversationId, experimentalRawEvents: false });
        await s.request('removeConversationListener', { subscriptionId: conversationId });
      }
      const { conversationId } = await begin(s);
      await s.request('sendUserMessage', { conversationId });
      await s.request('sendUserMessage', { conversationId, items: [{ type: 'text', text: 'v2' }] });
      await s.request('sendUserMessage', { conversationId, items: [{ type: 'nothing', data: {} }] });
      await s.request('newConversation', null);
      await s.request('newConversation', { sandbox: 'none' });
    },
  },
];
