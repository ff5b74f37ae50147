/** Scripted conversations with both servers: what is said, asked upstream and stored is the same. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { referenceProblem } from '../support/reference.ts';
import { approvals } from './conversations/approvals.ts';
import { failures } from './conversations/failures.ts';
import { legacy } from './conversations/legacy.ts';
import { lives } from './conversations/lives.ts';
import { patches } from './conversations/patches.ts';
import { settings } from './conversations/settings.ts';
import { texts } from './conversations/texts.ts';
import { threads } from './conversations/threads.ts';
import { tools } from './conversations/tools.ts';
import { difference } from './support/compare.ts';

const table = [...texts, ...tools, ...patches, ...approvals, ...settings, ...failures, ...lives, ...threads, ...legacy];

const skip = referenceProblem() !== null;

describe('both servers do the same', { skip, concurrency: Math.max(2, availableParallelism() - 1) }, () => {
  // A part of a name picks conversations: PARITY_ONLY=unicode npm run parity
  const wanted = process.env.PARITY_ONLY;
  for (const conversation of table.filter(({ name }) => wanted === undefined || name.includes(wanted))) {
    test(conversation.name, async () => {
      const found = await difference(conversation);
      assert.ok(found === null, `\n${found}`);
    });
  }
});
