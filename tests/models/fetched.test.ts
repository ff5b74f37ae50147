import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openAuthBox } from '../account/support/auth-box.ts';
import { stored } from '../account/support/tokens.ts';
import { Box } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { stream, withHeaders } from '../support/model-server.ts';
import { modelInfo } from './model-info.ts';

async function idsShown(box: Box): Promise<string[]> {
  const { data } = await box.call('model/list');
  return data.map(({ id }: { readonly id: string }) => id);
}

test('the list of the service is fetched once, behind the first answer, and shown from then on', async () => {
  await using box = await Box.open();
  await box.start({ OPENAI_BASE_URL: box.model.baseUrl });
  box.model.models([modelInfo('brand-new')]);
  assert.ok(!(await idsShown(box)).includes('brand-new'), 'the first answer waits for nobody');
  const { query } = await box.model.waitForRequest(1, '/v1/models');
  assert.match(query, /client_version=/);
  while (!existsSync(join(box.home, 'models_cache.json'))) await nextTurn();
  assert.ok((await idsShown(box)).includes('brand-new'));
  assert.equal(box.model.to('/v1/models').length, 1);
});

test('a response of the service that names another list has it fetched again', async () => {
  await using box = await openAuthBox({
    auth: stored(),
    env: ({ model }) => ({ OPENAI_BASE_URL: model.baseUrl }),
  });
  const answer = async (modelProvider: string, tag: string): Promise<void> => {
    box.model.script(withHeaders({ 'x-models-etag': tag }, stream(says('hello'))));
    await box.completed(await box.thread({ modelProvider }), 'go');
  };
  box.model.models([modelInfo('first')], '"1"');
  await idsShown(box);
  while (!(await idsShown(box)).includes('first')) await nextTurn();
  await answer('openai', '"1"');
  await answer('local', '"2"'); // another service has another list
  assert.equal(box.model.to('/v1/models').length, 1);
  box.model.models([modelInfo('second')], '"2"');
  await answer('openai', '"2"');
  await box.model.waitForRequest(2, '/v1/models');
  while (!(await idsShown(box)).includes('second')) await nextTurn();
  await answer('openai', '"2"');
  assert.equal(box.model.to('/v1/models').length, 2);
});
