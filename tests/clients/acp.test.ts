/** A client that people use, an editors' adapter, with our server in the place of its own. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { calls, shellCommand, streams } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';
import { distFolder } from '../support/server.ts';
import { AcpClient, type Json } from './acp-client.ts';

/** `npm_` and `NODE_TEST` variables of the run are no part of an editor's environment. */
const cleanEnv = (): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(CODEX_|OPENAI_|NODE_TEST|RUST_LOG|SHARDEX_)/.test(name)),
  );

function adapterFor(box: Box, answer: (method: string, params: Json) => Json): AcpClient {
  const main = join(distFolder(), 'main.js');
  const launcher = execFileSync(process.execPath, [main, 'shim', join(box.folder, 'bin')], { encoding: 'utf8' }).trim();
  return new AcpClient({
    program: createRequire(import.meta.url).resolve('@agentclientprotocol/codex-acp'),
    env: {
      ...cleanEnv(),
      CODEX_HOME: box.home,
      CODEX_PATH: launcher,
      MODEL_PROVIDER: 'local',
      HOME: join(box.folder, 'user'),
    },
    cwd: box.workspace,
    answer,
  });
}

const initialize = {
  protocolVersion: 1,
  clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
  clientInfo: { name: 'an-editor', title: 'An Editor', version: '1.0.0' },
};

const prompt = (sessionId: string, text: string) => ({ sessionId, prompt: [{ type: 'text', text }] });

const said = (updates: readonly Json[]): string =>
  updates
    .filter(({ sessionUpdate }) => sessionUpdate === 'agent_message_chunk')
    .map(({ content }) => content.text)
    .join('');

const ESCALATED = { sandbox_permissions: 'require_escalated', justification: 'May I write the file?' };

test('an ACP adapter runs a session: a command is asked for, approved and run, and the last message arrives', async () => {
  await using box = await Box.open({ start: false });
  await using editor = adapterFor(box, (method, params) => {
    assert.equal(method, 'session/request_permission');
    const option = params.options.find(({ kind }: Json) => kind === 'allow_once');
    return { outcome: { outcome: 'selected', optionId: option.optionId } };
  });
  const { agentCapabilities } = await editor.request('initialize', initialize);
  assert.equal(agentCapabilities.loadSession, true);
  const { sessionId, models } = await editor.request('session/new', { cwd: box.workspace, mcpServers: [] });
  assert.ok(models.availableModels.length > 0);

  box.model.script(
    stream(calls(shellCommand('call-1', 'printf hello > out.txt', ESCALATED))),
    stream(streams(['The file ', 'is written.'])),
  );
  const { stopReason } = await editor.request('session/prompt', prompt(sessionId, 'Write the file.'));

  assert.equal(stopReason, 'end_turn');
  assert.deepEqual(editor.asked, ['session/request_permission']);
  assert.equal(box.read('out.txt'), 'hello');
  assert.equal(said(editor.updates), 'The file is written.');
  const states = editor.updates.filter(({ toolCallId }) => toolCallId === 'call-1').map(({ status }) => status);
  assert.equal(states.at(-1), 'completed');
  await editor.end();
});

test('an ACP adapter that is refused a command runs nothing and the turn goes on', async () => {
  await using box = await Box.open({ start: false });
  await using editor = adapterFor(box, (_method, params) => {
    const option = params.options.find(({ kind }: Json) => kind === 'reject_once');
    return { outcome: { outcome: 'selected', optionId: option.optionId } };
  });
  await editor.request('initialize', initialize);
  const { sessionId } = await editor.request('session/new', { cwd: box.workspace, mcpServers: [] });
  box.model.script(
    stream(calls(shellCommand('call-1', 'printf hello > out.txt', ESCALATED))),
    stream(streams(['Then ', 'not.'])),
  );
  await editor.request('session/prompt', prompt(sessionId, 'Write the file.'));
  assert.equal(box.has('out.txt'), false);
  assert.equal(said(editor.updates), 'Then not.');
});

test('an ACP adapter loads a session of an earlier run and shows what was said', async () => {
  await using box = await Box.open({ start: false });
  const nothing = (): Json => ({});
  const cwd = box.workspace;
  let sessionId: string;
  {
    await using editor = adapterFor(box, nothing);
    await editor.request('initialize', initialize);
    ({ sessionId } = await editor.request('session/new', { cwd, mcpServers: [] }));
    box.model.script(stream(streams(['I will ', 'remember.'])));
    await editor.request('session/prompt', prompt(sessionId, 'Remember this.'));
    await editor.end();
  }
  await using editor = adapterFor(box, nothing);
  await editor.request('initialize', initialize);
  await editor.request('session/load', { sessionId, cwd, mcpServers: [] });
  assert.equal(said(editor.updates), 'I will remember.');
});
