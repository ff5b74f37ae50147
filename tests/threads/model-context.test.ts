/** What the model is told after a thread was loaded again, held against what it would have been told had it stayed. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Box, type Item, textOf } from '../support/box.ts';
import { randomSteps, STORY_BOX, type Step, Story } from './story.ts';

/** Set-up messages, which a thread that is loaded again is told again. */
const isSetUp = (item: Item): boolean =>
  /^<(permissions instructions|environment_context)>|^# AGENTS/.test(textOf(item));

async function sameAfterReload(steps: readonly Step[]): Promise<void> {
  await using box = await Box.open(STORY_BOX);
  const story = await Story.begin(box);
  await story.tell(steps);
  const { thread } = await box.call('thread/read', { threadId: story.threadId });
  const stored = readFileSync(thread.path);
  const live = await story.probe();
  await box.client.endInput();
  await box.client.server.exit();
  writeFileSync(thread.path, stored);
  await story.steps.reloaded();
  const again = await story.probe();
  const kept = live.slice(0, live.length - 1 - trailingSetUp(live));
  assert.deepEqual(again.slice(0, kept.length), kept, steps.join(' '));
  const added = again.slice(kept.length, -1);
  assert.ok(added.length > 0 && added.every(isSetUp), JSON.stringify(added));
  assert.deepEqual(again.at(-1), live.at(-1));
}

/** A live thread that was loaded again and has not had a turn since is told its set-up just before the probe. */
function trailingSetUp(input: readonly Item[]): number {
  let count = 0;
  while (isSetUp(input.at(-2 - count) ?? {})) count += 1;
  return count;
}

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'turns with tools and thoughts': ['plain', 'tools', 'tools'],
  interruptions: ['plain', 'interrupted', 'interruptedCommand', 'plain'],
  'input for a running turn': ['steered', 'parked', 'plain', 'steered'],
  'a failed turn': ['plain', 'failed', 'plain'],
  compactions: ['plain', 'interrupted', 'steered', 'compacted', 'plain', 'compacted', 'tools'],
  'compactions before anything was said': ['compacted', 'plain', 'compacted', 'rolledBack', 'plain'],
  rollbacks: [
    'plain',
    'tools',
    'rolledBack',
    'steered',
    'rolledBack',
    'interrupted',
    'plain',
    'rolledBackFar',
    'plain',
  ],
  'rollbacks behind compactions': [
    'plain',
    'plain',
    'compacted',
    'plain',
    'rolledBack',
    'plain',
    'rolledBackFar',
    'plain',
  ],
  'loading again and again': ['plain', 'reloaded', 'plain', 'compacted', 'reloaded', 'steered', 'rolledBack', 'plain'],
};

for (const [name, steps] of Object.entries(STORIES)) {
  test(`the model is told the same after a reload: ${name}`, () => sameAfterReload(steps));
}

const SEEDS = [1, 2, 3, 4, 5, 6];

for (const seed of SEEDS) {
  test(`the model is told the same after a reload: random story ${seed}`, () => sameAfterReload(randomSteps(seed, 10)));
}
