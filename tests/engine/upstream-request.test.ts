import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, type Item } from '../support/box.ts';
import { calls, functionCall, says } from '../support/model-events.ts';
import { stream, withHeaders } from '../support/model-server.ts';

test('the request body holds these members in this order', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('ok')));
  const threadId = await box.thread({ baseInstructions: 'You are a test.' });
  await box.completed(threadId, 'Hi');
  const [request] = box.model.to();
  const body = request?.body as Item;
  assert.deepEqual(Object.keys(body), [
    ...['model', 'instructions', 'input', 'tools', 'tool_choice', 'parallel_tool_calls', 'reasoning', 'store'],
    ...['stream', 'include', 'prompt_cache_key'],
  ]);
  const { input: _input, tools, ...rest } = body;
  assert.deepEqual(rest, {
    model: 'some-model',
    instructions: 'You are a test.',
    tool_choice: 'auto',
    parallel_tool_calls: false,
    reasoning: null,
    store: false,
    stream: true,
    include: [],
    prompt_cache_key: threadId,
  });
  assert.deepEqual(
    tools.map((tool: Item) => tool.name ?? tool.type),
    [
      ...['shell', 'list_mcp_resources', 'list_mcp_resource_templates', 'read_mcp_resource', 'update_plan'],
      ...['request_user_input', 'web_search', 'view_image'],
    ],
  );
  assert.equal(tools.find((tool: Item) => tool.type === 'web_search').external_web_access, false);
});

test('the request carries the headers of the protocol and of the provider', async () => {
  await using box = await Box.open({
    provider: `env_http_headers = { "X-From-Env" = "SOME_VALUE", "X-Unset" = "NOT_SET" }
http_headers = { "X-Static" = "fixed" }
query_params = { "api-version" = "2025 x" }
request_max_retries = 0
stream_max_retries = 0
`,
    env: { SOME_VALUE: 'from-env' },
  });
  box.model.script(stream(says('ok')));
  const threadId = await box.thread();
  await box.completed(threadId, 'Hi');
  const [request] = box.model.to();
  const headers = request?.headers ?? {};
  assert.equal(headers.accept, 'text/event-stream');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers.session_id, threadId);
  assert.equal(headers.originator, 'raw-client');
  assert.match(String(headers['user-agent']), /^raw-client\/\S+ \(.*\) .* \(raw-client; 1\.2\.3\)$/);
  assert.equal(headers['x-from-env'], 'from-env');
  assert.equal(headers['x-static'], 'fixed');
  assert.equal(headers['x-oai-web-search-eligible'], 'true');
  for (const name of ['x-unset', 'authorization', 'x-codex-turn-state', 'content-encoding']) {
    assert.equal(headers[name], undefined, name);
  }
  assert.match(request?.query ?? '', /api-version=2025(%20|\+)x/);
});

test('the routing value that a response names is sent with the later requests of its turn only', async () => {
  await using box = await Box.open();
  box.model.script(
    withHeaders({ 'x-codex-turn-state': 'first' }, stream(calls(functionCall('c1', 'nothing', {})))),
    withHeaders({ 'x-codex-turn-state': 'second' }, stream(calls(functionCall('c2', 'nothing', {})))),
    stream(says('ok')),
    stream(says('next', 'msg-2')),
  );
  const threadId = await box.thread();
  await box.completed(threadId, 'Hi');
  await box.completed(threadId, 'Again');
  const values = box.model.to().map(({ headers }) => headers['x-codex-turn-state']);
  assert.deepEqual(values, [undefined, 'first', 'first', undefined]);
});

test('the instructions of a thread stay those it was started with when the model changes', async () => {
  await using box = await Box.open({ model: 'gpt-5.1' });
  box.model.script(stream(says('one')), stream(says('two', 'msg-2')));
  const threadId = await box.thread();
  await box.completed(threadId, 'a');
  await box.completed(threadId, 'b', { model: 'gpt-5.2-codex' });
  const [one, two] = box.model.to().map(({ body }) => body);
  assert.equal(one?.instructions, two?.instructions);
  assert.equal(two?.model, 'gpt-5.2-codex');
  assert.deepEqual(two?.reasoning, { effort: 'medium', summary: 'auto' });
  assert.deepEqual(two?.include, ['reasoning.encrypted_content']);
  assert.equal(two?.parallel_tool_calls, true);
  assert.deepEqual(one?.text, { verbosity: 'low' });
  assert.equal(two?.text, undefined);
});

test('web search follows the sandbox policy of the turn', async () => {
  await using box = await Box.open();
  box.model.script(stream(says('one')));
  await box.completed(await box.thread(), 'a', { sandboxPolicy: { type: 'dangerFullAccess' } });
  const search = ((box.model.to()[0]?.body.tools ?? []) as Item[]).find((tool) => tool.type === 'web_search');
  assert.deepEqual(search, { type: 'web_search', external_web_access: true });
});
