/** Many threads at once: turns a second from the first `turn/start` on, and the most memory that took. */
import type { Figure, Workload } from '../figure.ts';
import { peakMb } from '../process-tree.ts';
import { SampleSet } from '../sample-set.ts';
import { promptFor } from '../upstream/answers.ts';

const THREADS = 64;
const TURNS_EACH = 4;
const LOOK_EVERY_MS = 20;

const RATE: Figure = {
  name: 'many-threads',
  title: `${THREADS} threads x ${TURNS_EACH} turns`,
  unit: 'turns/s',
  statistic: 'median',
  targets: [{ kind: 'ratioAtLeast', to: 'reference', limit: 4 }],
};
const MEMORY: Figure = {
  name: 'many-threads-memory',
  title: `${THREADS} threads, peak RSS of the process tree`,
  unit: 'MB',
  statistic: 'median',
  targets: [{ kind: 'atMost', limit: 220 }],
};

export const manyThreads: Workload = {
  name: 'many-threads',
  async measure(bench) {
    const rates = new SampleSet();
    const peaks = new SampleSet();
    const threads = bench.amount({ full: THREADS, quick: THREADS, smoke: 2 });
    const turns = { threads, turnsEach: TURNS_EACH, text: promptFor(1), pingEveryMs: null };
    await bench.alternate(bench.amount({ full: 7, quick: 2, smoke: 1 }), async (engine) => {
      await bench.withServer(engine, 'all events', async ({ pid, call }) => {
        const { value, peakMb: mb } = await peakMb(pid, LOOK_EVERY_MS, async () => {
          await call((client) => client.openThreads(threads));
          return call((client) => client.runTurns(turns));
        });
        rates.add(engine.id, [(threads * TURNS_EACH) / (value.elapsedMs / 1000)]);
        peaks.addKnown(engine.id, mb);
      });
    });
    return [
      { figure: RATE, samples: rates.samples },
      { figure: MEMORY, samples: peaks.samples },
    ];
  },
};
