/** `thread/resume` of a thread with 20,000 turns that the reference wrote: its time, and the memory it takes meanwhile. */
import type { Figure, Measured } from '../../figure.ts';
import { peakMb } from '../../process-tree.ts';
import { SampleSet } from '../../sample-set.ts';
import { plantLongRollout } from '../long-rollout.ts';
import type { ThreadBench, ThreadServer, ThreadWorkload } from '../thread-bench.ts';

const TURNS = 20_000;
/** So that the file has about 48 MB. */
const ANSWER_CHARS = 330;
const SHORT = '01900000-0000-7000-8000-00000000aaa0';
const LONG = '01900000-0000-7000-8000-00000000aaa4';
const LOOK_EVERY_MS = 10;

const figure = (name: string, title: string, unit: Figure['unit'], limit: number): Figure => ({
  name,
  title,
  unit,
  statistic: 'median',
  targets: [{ kind: 'ratioAtMost', to: 'reference', limit }],
});

const resumeOf = (threadId: string) => ({ method: 'thread/resume', params: { threadId } });

/** How long the long one takes, after the short one. */
async function resumed({ call }: ThreadServer): Promise<readonly number[]> {
  await call((client) => client.time({ calls: [resumeOf(SHORT)], pingEveryMs: null }));
  const { callMs } = await call((client) => client.time({ calls: [resumeOf(LONG)], pingEveryMs: null }));
  return callMs;
}

export const resume: ThreadWorkload = {
  name: 'resume',
  async measure(bench: ThreadBench): Promise<Measured[]> {
    await using home = await bench.home();
    const turns = bench.amount({ full: TURNS, quick: TURNS, smoke: 50 });
    plantLongRollout(home.home, { id: SHORT, turns: 1, answerChars: ANSWER_CHARS });
    plantLongRollout(home.home, { id: LONG, turns, answerChars: ANSWER_CHARS });
    const times = new SampleSet();
    const memory = new SampleSet();
    const rounds = bench.amount({ full: 30, quick: 6, smoke: 1 });
    // Looking at a process slows it down, so that its time is taken in another run than its memory.
    await bench.alternate(rounds, async (engine) => {
      times.add(engine.id, await bench.withServer(engine, home, resumed));
      await bench.withServer(engine, home, async (server) => {
        const { peakMb: peak } = await peakMb(server.pid, LOOK_EVERY_MS, () => resumed(server));
        memory.addKnown(engine.id, peak);
      });
    });
    const title = `thread/resume of ${turns.toLocaleString('en-US')} turns`;
    return [
      { figure: figure('resume', title, 'ms', 0.4), samples: times.samples },
      { figure: figure('resume-memory', `most memory during ${title}`, 'MB', 1.5), samples: memory.samples },
    ];
  },
};
