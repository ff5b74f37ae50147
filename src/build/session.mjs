// One session of a server that is being built: the handshake, lists, a thread, a turn, a search. The model is a server of our own: a
// build says nothing to a model service, and uses no key and no settings of whoever builds.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const RUN_LIMIT_MS = 60_000;
const KEPT_POLL_MS = 20;

const frame = (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const ITEM = { type: 'message', role: 'assistant', id: 'msg_1', content: [{ type: 'output_text', text: 'Hello.' }] };
const ANSWER = [
  { type: 'response.created', response: { id: 'resp_1' } },
  { type: 'response.output_item.added', output_index: 0, item: { ...ITEM, content: [] } },
  { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'Hello.' },
  { type: 'response.output_item.done', output_index: 0, item: ITEM },
  {
    type: 'response.completed',
    response: { id: 'resp_1', usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } },
  },
]
  .map(frame)
  .join('');

const settings = (port) => `model_provider = "build"
approval_policy = "never"
sandbox_mode = "read-only"

[features]
remote_models = false

[model_providers.build]
name = "build"
base_url = "http://127.0.0.1:${port}/v1"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`;

/** Runs it in an empty folder; what V8 made is in `keptIn` afterwards. Resolves with why it failed, or null. */
export async function runSession({ program, home, keptIn }) {
  const model = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(ANSWER));
  });
  try {
    await once(model.listen(0, '127.0.0.1'), 'listening');
    writeFileSync(join(home, 'config.toml'), settings(model.address().port));
    return await serve({ program, home, keptIn });
  } catch (error) {
    return error.message;
  } finally {
    model.closeAllConnections();
    model.close();
  }
}

/** Resolves when the server has ended, with what it said if that was not as it should be. */
async function serve({ program, home, keptIn }) {
  const server = spawn(process.execPath, ['--import', new URL('keep-compiled.mjs', import.meta.url).href, program], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, CODEX_HOME: home, KEEP_COMPILED_IN: keptIn },
    timeout: RUN_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const exited = once(server, 'exit');
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  server.stdin.on('error', () => undefined); // it has ended, which its exit tells
  const failure = await converse(server, home)
    .then(() => allKept(keptIn, () => server.exitCode === null && server.signalCode === null))
    .then(
      () => null,
      (error) => error.message,
    );
  server.stdin.end();
  const [status] = await exited;
  return failure === null && status === 0 ? null : `${failure ?? `the server ended with ${status}`}\n${said}`;
}

/** Each request waits for the answer of the one before: how far the server comes must not depend on how busy the machine is. */
async function converse({ stdin, stdout }, folder) {
  const waiting = new Map();
  const lines = createInterface({ input: stdout });
  const ended = once(lines, 'close').then(() => {
    throw new Error('the server ended before it had answered');
  });
  lines.on('line', (line) => {
    const message = JSON.parse(line);
    waiting.get(message.id ?? message.method)?.(message);
  });
  const next = (key) => Promise.race([new Promise((resolve) => waiting.set(key, resolve)), ended]);
  const call = async (method, params) => {
    const answered = next(method);
    stdin.write(`${JSON.stringify({ id: method, method, params })}\n`);
    const { result, error } = await answered;
    if (result === undefined) throw new Error(`${method}: ${error?.message}`);
    return result;
  };
  await call('initialize', { clientInfo: { name: 'build', title: null, version: '0' } });
  stdin.write('{"method":"initialized"}\n');
  await call('model/list', {});
  await call('thread/list', {});
  const { thread } = await call('thread/start', { cwd: folder });
  const completed = next('turn/completed');
  await call('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'Hello' }] });
  const { turn } = (await completed).params;
  if (turn.status !== 'completed') throw new Error(`turn: ${turn.error?.message}`);
  await call('fuzzyFileSearch', { query: 'a', roots: [folder] });
}

/** Threads may be ended at any time, so they write again and again what they have; see `keep-compiled.mjs`. */
async function allKept(keptIn, isRunning) {
  const file = join(keptIn, 'worker-turns.js.cache');
  const sinceMs = Date.now();
  while (isRunning() && (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) <= sinceMs) await delay(KEPT_POLL_MS);
}
