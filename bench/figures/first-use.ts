/** What a user waits for first: a thread, and the first turn in it, in a new process; both from its spawn on. */
import type { Figure, Workload } from '../figure.ts';
import { SampleSet } from '../sample-set.ts';
import { promptFor } from '../upstream/answers.ts';

const FIGURE = {
  unit: 'ms',
  statistic: 'median',
  targets: [{ kind: 'ratioAtMost', to: 'reference', limit: 1 }],
} as const;
const THREAD: Figure = { ...FIGURE, name: 'first-thread', title: 'spawn to the first thread/start answered' };
const TURN: Figure = { ...FIGURE, name: 'first-turn', title: 'spawn to the end of the first turn' };

export const firstUse: Workload = {
  name: 'first-use',
  async measure(bench) {
    const threads = new SampleSet();
    const turns = new SampleSet();
    await bench.alternate(bench.amount({ full: 30, quick: 6, smoke: 1 }), async (engine) => {
      const { threadMs, turnMs } = await bench.withServer(engine, 'all events', ({ call }) =>
        call((client) => client.firstTurn(promptFor(1))),
      );
      threads.add(engine.id, [threadMs]);
      turns.add(engine.id, [turnMs]);
    });
    return [
      { figure: THREAD, samples: threads.samples },
      { figure: TURN, samples: turns.samples },
    ];
  },
};
