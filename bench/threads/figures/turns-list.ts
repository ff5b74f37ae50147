/** The first page of `thread/turns/list`, newest first, of a rollout of 300 MB. The reference has no such method. */
import type { Figure, Measured } from '../../figure.ts';
import { peakMb, residentMb } from '../../process-tree.ts';
import { SampleSet } from '../../sample-set.ts';
import { plantLongRollout } from '../long-rollout.ts';
import type { ThreadBench, ThreadWorkload } from '../thread-bench.ts';

const TURNS = 122_000;
/** So that the file has about 300 MB. */
const ANSWER_CHARS = 330;
const LONG = '01900000-0000-7000-8000-00000000aaa4';
const LOOK_EVERY_MS = 10;
const PING_EVERY_MS = 5;

const figure = (name: string, title: string, unit: Figure['unit'], limit: number): Figure => ({
  name,
  title,
  unit,
  statistic: name === 'turns-list-stall' ? 'max' : 'median',
  targets: [{ kind: 'atMost', limit }],
});

export const turnsList: ThreadWorkload = {
  name: 'turns-list',
  async measure(bench: ThreadBench): Promise<Measured[]> {
    await using home = await bench.home();
    const turns = bench.amount({ full: TURNS, quick: TURNS, smoke: 50 });
    const mb = plantLongRollout(home.home, { id: LONG, turns, answerChars: ANSWER_CHARS }) / 2 ** 20;
    const times = new SampleSet();
    const memory = new SampleSet();
    const waits = new SampleSet();
    await bench.alternate(bench.amount({ full: 30, quick: 4, smoke: 1 }), async (engine) => {
      if (engine.id === 'reference') return;
      await bench.withServer(engine, home, async ({ pid, call }) => {
        const page = { method: 'thread/turns/list', params: { threadId: LONG } };
        // The server loads the rest of itself behind its first answer.
        const small = { method: 'thread/loaded/list', params: {} };
        await call((client) => client.time({ calls: [small], pingEveryMs: null }));
        const idle = residentMb(pid);
        const { value, peakMb: peak } = await peakMb(pid, LOOK_EVERY_MS, () =>
          call((client) => client.time({ calls: [page], pingEveryMs: PING_EVERY_MS })),
        );
        times.add(engine.id, value.callMs);
        waits.add(engine.id, [Math.max(0, ...value.pingMs)]);
        memory.addKnown(engine.id, peak === null || idle === null ? null : peak - idle);
      });
    });
    const title = `first page of thread/turns/list, ${mb.toFixed(0)} MB`;
    return [
      { figure: figure('turns-list', title, 'ms', 1000), samples: times.samples },
      { figure: figure('turns-list-memory', `memory above idle, ${title}`, 'MB', 150), samples: memory.samples },
      {
        figure: figure('turns-list-stall', `longest wait of a small request, ${title}`, 'ms', 20),
        samples: waits.samples,
      },
    ];
  },
};
