/** One turn that streams many pieces of text: how many a second reach the client, as it asked for them. */
import type { Audience } from '../engine-bench.ts';
import type { Figure, Measured, Workload } from '../figure.ts';
import { SampleSet } from '../sample-set.ts';
import { promptFor } from '../upstream/answers.ts';

const DELTAS = 20_000;

const OPTED_OUT: Figure = {
  name: 'deltas',
  title: `${DELTAS} deltas, opted out of codex/event/*`,
  unit: 'deltas/s',
  statistic: 'median',
  targets: [{ kind: 'atLeast', limit: 40_000 }],
};
const ALL_EVENTS: Figure = {
  name: 'deltas-all-events',
  title: `${DELTAS} deltas, all events`,
  unit: 'deltas/s',
  statistic: 'median',
  targets: [],
};

export const deltas: Workload = {
  name: 'deltas',
  async measure(bench) {
    const measured: Measured[] = [];
    const count = bench.amount({ full: DELTAS, quick: DELTAS, smoke: 200 });
    for (const [figure, audience] of [
      [OPTED_OUT, 'opted out of old events'],
      [ALL_EVENTS, 'all events'],
    ] as const satisfies (readonly [Figure, Audience])[]) {
      const set = new SampleSet();
      const once = { threads: 1, turnsEach: 1, pingEveryMs: null };
      await bench.alternate(bench.amount({ full: 7, quick: 2, smoke: 1 }), async (engine) => {
        const { elapsedMs, lines } = await bench.withServer(engine, audience, async ({ call }) => {
          await call((client) => client.openThreads(1));
          await call((client) => client.runTurns({ ...once, text: promptFor(1) })); // warm-up
          return call((client) => client.runTurns({ ...once, text: promptFor(count) }));
        });
        if (lines < count) throw new Error(`${engine.id} sent ${lines} lines for ${count} deltas`);
        set.add(engine.id, [count / (elapsedMs / 1000)]);
      });
      measured.push({ figure, samples: set.samples });
    }
    return measured;
  },
};
