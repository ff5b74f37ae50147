/** One turn in one thread, the upstream answering at once: what a server itself adds to every turn. */
import type { Figure, Workload } from '../figure.ts';
import { SampleSet } from '../sample-set.ts';
import { promptFor } from '../upstream/answers.ts';

const FIGURE: Figure = {
  name: 'turn',
  title: 'turn/start to turn/completed',
  unit: 'ms',
  statistic: 'median',
  targets: [{ kind: 'ratioAtMost', to: 'reference', limit: 0.5 }],
};
const TURNS_PER_SERVER = 20;

export const singleTurn: Workload = {
  name: 'turn',
  async measure(bench) {
    const set = new SampleSet();
    const turnsEach = bench.amount({ full: TURNS_PER_SERVER, quick: TURNS_PER_SERVER, smoke: 3 });
    const turns = { threads: 1, text: promptFor(1), pingEveryMs: null };
    await bench.alternate(bench.amount({ full: 8, quick: 2, smoke: 1 }), async (engine) => {
      const { turnMs } = await bench.withServer(engine, 'all events', async ({ call }) => {
        await call((client) => client.openThreads(1));
        await call((client) => client.runTurns({ ...turns, turnsEach: 1 })); // warm-up
        return call((client) => client.runTurns({ ...turns, turnsEach }));
      });
      set.add(engine.id, turnMs);
    });
    return [{ figure: FIGURE, samples: set.samples }];
  },
};
