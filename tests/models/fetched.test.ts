import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Box } from '../support/box.ts';
import { modelInfo } from './model-info.ts';

test('the list of the service is fetched once, behind the first answer, and shown from then on', async () => {
  await using box = await Box.open();
  await box.start({ OPENAI_BASE_URL: box.model.baseUrl });
  box.model.models([modelInfo('brand-new')]);
  const idsShown = async (): Promise<string[]> => {
    const { data } = await box.call('model/list');
    return data.map(({ id }: { readonly id: string }) => id);
  };
  assert.ok(!(await idsShown()).includes('brand-new'), 'the first answer waits for nobody');
  const { query } = await box.model.waitForRequest(1, '/v1/models');
  assert.match(query, /client_version=/);
  while (!existsSync(join(box.home, 'models_cache.json'))) await nextTurn();
  assert.ok((await idsShown()).includes('brand-new'));
  assert.equal(box.model.to('/v1/models').length, 1);
});
