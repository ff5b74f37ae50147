/** From the spawn of a server to the line that answers `initialize`, beside an empty Node program. */
import type { Figure, Workload } from '../figure.ts';
import { SampleSet } from '../sample-set.ts';

const FIGURE: Figure = {
  name: 'initialize',
  title: 'spawn to initialize answered',
  unit: 'ms',
  statistic: 'median',
  targets: [{ kind: 'ratioAtMost', to: 'node', limit: 1.6 }],
};
const WARM_UPS = 3;

export const startUp: Workload = {
  name: 'initialize',
  async measure(bench) {
    const set = new SampleSet();
    const warmUps = bench.amount({ full: WARM_UPS, quick: WARM_UPS, smoke: 0 });
    await bench.alternate(warmUps + bench.amount({ full: 40, quick: 10, smoke: 1 }), async (engine, round) => {
      const replyMs = await bench.withServer(engine, 'all events', async (server) => server.replyMs);
      const emptyMs = engine.id === 'ours' ? await bench.timeEmptyProgram() : null;
      if (round < warmUps) return;
      set.add(engine.id, [replyMs]);
      set.addKnown('node', emptyMs);
    });
    return [{ figure: FIGURE, samples: set.samples }];
  },
};
