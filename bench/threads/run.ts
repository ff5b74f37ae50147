/** `npm run bench:threads`: measures what our server and the reference do with stored threads, in turn, on the same files. */
import { runBench } from '../bench-run.ts';
import { absenceLines, headLines } from '../session.ts';
import { WORKLOADS } from './figures/index.ts';
import { ThreadBench } from './thread-bench.ts';

await runBench({
  programs: new URL('..', import.meta.url),
  workloads: WORKLOADS,
  open: (options) => ThreadBench.open(options),
  headText: (session) => [...headLines(session), ...absenceLines(session)].join('\n'),
});
