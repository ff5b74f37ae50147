import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box } from '../support/box.ts';

const CHAT = `[model_providers.older]
name = "Older"
base_url = "http://127.0.0.1:9/v1"
wire_api = "chat"
`;

test('the notice about the chat wire comes once in a process, behind the notices of the thread', async () => {
  await using box = await Box.open({ top: 'experimental_instructions_file = "x.md"', tables: CHAT });
  const notices = async (params: object): Promise<string[]> => {
    const from = box.client.messages.length;
    await box.thread(params);
    // Whatever a thread is told about its start comes before this.
    await box.client.waitFor((message) => {
      return message.method === 'codex/event/mcp_startup_complete' && box.client.messages.indexOf(message) >= from;
    }, 'the end of the start');
    const told = box.client.messages.slice(from).filter(({ method }) => method === 'deprecationNotice');
    return told.map(({ params: { summary } }) => summary);
  };
  assert.deepEqual((await notices({})).map(isAboutChat), [false]);
  assert.deepEqual((await notices({ modelProvider: 'older' })).map(isAboutChat), [false, true]);
  assert.deepEqual((await notices({ modelProvider: 'older' })).map(isAboutChat), [false]);
});

const isAboutChat = (summary: string): boolean => summary.includes('"chat"');
