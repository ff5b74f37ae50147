/** What becomes of a thread: compactions, interrupts, input during a turn, restarts. */
import {
  calls,
  completed,
  created,
  itemAdded,
  message,
  messageItem,
  reasoning,
  says,
  shell,
  shellCommand,
  textDelta,
} from '../../support/model-events.ts';
import { gate, hang, type Reply, stream } from '../../support/model-server.ts';
import type { Conversation } from '../support/compare.ts';
import { both, dropTurnContexts, dropUsage, hideEstimates, hideTexts } from '../support/masks.ts';

const good = (id: string): Reply => stream(says('fine', id, { input: 5, output: 1 }));

/** The end of a command that is asked about is told by whoever is faster, the refusal or the interrupt. */
const ENDED = /^(exec command rejected by user|Wall time: \S+ seconds\naborted by user)/;
const hideHowItEnded = both(both(dropUsage, dropTurnContexts), hideTexts(ENDED));

export const lives: readonly Conversation[] = [
  {
    name: 'compaction between turns and inside one, with reasoning and calls before it',
    setUp: { top: 'model_auto_compact_token_limit = 1000\ncompact_prompt = "MARK-compact"' },
    talk: async (s) => {
      s.model.script(
        stream([
          created(),
          reasoning('r1', ['why']),
          shellCommand('c1', 'echo a'),
          completed('r', { input: 100, output: 1 }),
        ]),
        stream(says('long', 'm1', { input: 5000, output: 10 })),
        stream(says('MARK-summary', 'm2', { input: 200, output: 10 })),
        stream(says('after', 'm3', { input: 50, output: 5 })),
        stream([created(), shellCommand('c2', 'echo b'), completed('r', { input: 2000, output: 1 })]),
        stream(says('MARK-second-summary', 'm4', { input: 20, output: 1 })),
        stream(says('end', 'm5', { input: 60, output: 5 })),
        stream(says('more', 'm6', { input: 60, output: 5 })),
      );
      const thread = await s.thread({ experimentalRawEvents: true });
      for (const text of ['first', 'second', 'third', 'fourth']) await s.turn(thread, text);
    },
    mask: hideEstimates,
  },
  {
    name: 'compaction between turns whose settings differ, and after a resume',
    setUp: { top: 'model_auto_compact_token_limit = 1000\ncompact_prompt = "MARK-compact"', model: 'gpt-5.2-codex' },
    talk: async (s) => {
      s.model.script(
        stream(says('long', 'm1', { input: 5000, output: 10 })),
        stream(says('MARK-summary', 'm2', { input: 200, output: 10 })),
        stream(says('after', 'm3', { input: 5000, output: 5 })),
        stream(says('MARK-third-summary', 'm4', { input: 20, output: 1 })),
        stream(says('end', 'm5', { input: 60, output: 5 })),
      );
      const threadId = await s.thread({ experimentalRawEvents: true });
      await s.turn(threadId, 'first');
      await s.turn(threadId, 'second', { cwd: s.folder, approvalPolicy: 'on-request', personality: 'pragmatic' });
      await s.stop();
      await s.start();
      await s.call('thread/resume', { threadId });
      await s.turn(threadId, 'third', { effort: 'low' });
    },
    mask: hideEstimates,
  },
  {
    name: 'an interrupt during a stream, and the turn after it',
    talk: async (s) => {
      s.model.script(hang(created(), itemAdded(messageItem('m1', null)), textDelta('partial')), good('m2'));
      const threadId = await s.thread({ experimentalRawEvents: true });
      const turnId = await s.begin(threadId, 'go');
      await s.waitFor(({ method }) => method === 'item/agentMessage/delta', 'delta');
      await s.call('turn/interrupt', { threadId, turnId });
      await s.ended(threadId);
      await s.turn(threadId, 'on');
    },
  },
  {
    name: 'an interrupt during a command, and the turn after it',
    talk: async (s) => {
      s.model.script(stream(calls(shell('c1', ['bash', '-c', 'echo begun; sleep 30']))), good('m2'));
      const threadId = await s.thread();
      const turnId = await s.begin(threadId, 'go');
      await s.waitFor(({ method }) => method === 'item/commandExecution/outputDelta', 'output');
      await s.call('turn/interrupt', { threadId, turnId });
      await s.ended(threadId);
      await s.turn(threadId, 'on');
    },
    mask: both(dropUsage, dropTurnContexts),
  },
  {
    name: 'an interrupt while an approval is open',
    setUp: { approvalPolicy: 'untrusted', sandboxMode: 'read-only' },
    talk: async (s) => {
      s.model.script(stream(calls(shell('c1', ['touch', 'x']))), good('m2'));
      const threadId = await s.thread();
      const turnId = await s.begin(threadId, 'go');
      await s.waitFor(({ method }) => method === 'item/commandExecution/requestApproval', 'approval');
      await s.call('turn/interrupt', { threadId, turnId });
      await s.ended(threadId);
      await s.turn(threadId, 'on');
    },
    mask: hideHowItEnded,
  },
  {
    name: 'input and settings that come during a turn',
    talk: async (s) => {
      const held = gate();
      s.model.script(
        stream(created(), message('m1', 'first'), held.wait, completed('r')),
        stream(says('second', 'm2')),
        stream(says('third', 'm3')),
      );
      const threadId = await s.thread();
      await s.begin(threadId, 'go');
      await held.reached;
      await s.begin(threadId, 'steered input', { approvalPolicy: 'on-request' });
      await s.begin(threadId, 'steered again');
      await s.quiet();
      held.open();
      await s.ended(threadId);
      await s.turn(threadId, 'on');
    },
  },
  {
    name: 'a thread read, listed and resumed in the same process and in the next',
    talk: async (s) => {
      s.model.script(stream(calls(shell('c1', ['echo', 'x']))), good('m1'), good('m2'), good('m3'));
      const threadId = await s.thread();
      await s.turn(threadId, 'first line\nsecond');
      await s.call('thread/read', { threadId });
      await s.call('thread/list', {});
      await s.call('thread/loaded/list', {});
      await s.stop();
      await s.start();
      await s.call('thread/list', { limit: 5, sourceKinds: [] });
      await s.call('thread/read', { threadId, includeTurns: true });
      await s.call('thread/resume', {
        threadId,
        model: 'gpt-5.1',
        approvalPolicy: 'on-request',
        developerInstructions: 'MARK-resumed',
      });
      await s.turn(threadId, 'second turn', { effort: 'low' });
      await s.turn(threadId, 'third turn');
    },
  },
];
