/** How long a small request waits while many turns run: the p99 of each run, and of those the largest counts. */
import type { Figure, Workload } from '../figure.ts';
import { SampleSet } from '../sample-set.ts';
import { percentile } from '../statistics.ts';
import { promptFor } from '../upstream/answers.ts';

const THREADS = 64;
const TURNS_EACH = 4;

const FIGURE: Figure = {
  name: 'stall',
  title: `p99 of thread/loaded/list while ${THREADS} turns run`,
  unit: 'ms',
  statistic: 'max',
  targets: [{ kind: 'atMost', limit: 20 }],
};

export const stall: Workload = {
  name: 'stall',
  async measure(bench) {
    const set = new SampleSet();
    const threads = bench.amount({ full: THREADS, quick: THREADS, smoke: 4 });
    const turns = { threads, text: promptFor(1), pingEveryMs: 5 };
    await bench.alternate(bench.amount({ full: 7, quick: 2, smoke: 1 }), async (engine) => {
      const { pingMs } = await bench.withServer(engine, 'all events', async ({ call }) => {
        await call((client) => client.openThreads(threads));
        await call((client) => client.runTurns({ ...turns, turnsEach: 1 })); // warm-up
        return call((client) => client.runTurns({ ...turns, turnsEach: TURNS_EACH }));
      });
      if (pingMs.length > 0) set.add(engine.id, [percentile(pingMs, 0.99)]);
    });
    return [{ figure: FIGURE, samples: set.samples }];
  },
};
