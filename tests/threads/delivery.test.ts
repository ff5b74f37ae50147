import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Delivery } from '../../src/threads/delivery.ts';
import { Listeners } from '../../src/threads/listeners.ts';
import type { LoadedThread } from '../../src/threads/loaded-thread.ts';
import { OpenItems } from '../../src/threads/open-items.ts';

/** What a delivery needs of a thread. */
const loadedThread = (): LoadedThread =>
  ({
    id: 'th',
    config: { showRawAgentReasoning: false },
    listeners: new Listeners({ raw: false }),
    openItems: new OpenItems(),
    runningTurnId: null,
  }) as Partial<LoadedThread> as LoadedThread;

for (const wanted of [true, false]) {
  test(`events ${wanted ? 'have' : 'do not have'} older names when the client ${wanted ? 'wants' : 'opted out of'} them`, () => {
    const told: string[] = [];
    const delivery = new Delivery({
      notify: ({ method }) => told.push(method),
      wantsOlder: () => wanted,
      questions: { ask: () => assert.fail('nothing is asked') } as never,
    });
    delivery.deliver(loadedThread(), { kind: 'messageDelta', turnId: 't', itemId: 'i', delta: 'd' });
    const older = ['codex/event/agent_message_content_delta', 'codex/event/agent_message_delta'];
    const [first, last] = wanted ? older : [];
    assert.deepEqual(
      told,
      [first, 'item/agentMessage/delta', last].filter((method) => method !== undefined),
    );
  });
}
