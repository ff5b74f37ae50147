/** A turn whose worker computes without end, so that it receives nothing any more. */
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Box, TurnWatch } from '../support/box.ts';
import { created, itemAdded, messageItem, textDelta } from '../support/model-events.ts';
import { hang } from '../support/model-server.ts';
import { distFolder } from '../support/server.ts';

/** Resolves when the worker is held up. The box must not have been started. */
export async function heldTurn(box: Box): Promise<{ readonly threadId: string; readonly turn: TurnWatch }> {
  const folder = join(box.folder, 'stuck');
  mkdirSync(folder);
  const hook = pathToFileURL(join(distFolder(), 'tests', 'cli', 'support', 'stuck.main.js')).href;
  await box.start({ NODE_OPTIONS: `--import=${hook}`, STUCK: folder });
  const threadId = await box.thread();
  box.model.script(hang(created(), itemAdded(messageItem('msg-1', null)), textDelta('half')));
  const turn = await box.turn(threadId, 'go');
  await turn.wait('item/agentMessage/delta');
  const watcher = watch(folder);
  writeFileSync(join(folder, 'shard-loop'), '');
  while (!existsSync(join(folder, 'shard-loop.held'))) await once(watcher, 'change');
  watcher.close();
  rmSync(join(folder, 'shard-loop')); // or the next worker would be held up too
  return { threadId, turn };
}
