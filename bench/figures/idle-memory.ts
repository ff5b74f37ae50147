/** What a server holds when it has been initialized and nothing else has happened. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Figure, Workload } from '../figure.ts';
import { residentMb } from '../process-tree.ts';
import { SampleSet } from '../sample-set.ts';

const FIGURE: Figure = {
  name: 'idle-memory',
  title: 'RSS of the process tree, idle',
  unit: 'MB',
  statistic: 'median',
  targets: [{ kind: 'atMost', limit: 80 }],
};
const SETTLING_MS = 2000;

export const idleMemory: Workload = {
  name: 'idle-memory',
  async measure(bench) {
    const set = new SampleSet();
    await bench.alternate(bench.amount({ full: 5, quick: 1, smoke: 1 }), async (engine) => {
      const mb = await bench.withServer(engine, 'all events', async (server) => {
        await delay(bench.amount({ full: SETTLING_MS, quick: SETTLING_MS, smoke: 10 }));
        return residentMb(server.pid);
      });
      set.addKnown(engine.id, mb);
    });
    return [{ figure: FIGURE, samples: set.samples }];
  },
};
