/** `npm run bench`: measures our server and the reference in turn, with the same work, client and upstream. */
import { Bench } from './bench.ts';
import { runBench } from './bench-run.ts';
import { WORKLOADS } from './figures/index.ts';
import { absenceLines, headLines } from './session.ts';

await runBench({
  programs: new URL('.', import.meta.url),
  workloads: WORKLOADS,
  open: (options) => Bench.open(options),
  headText: (session) => [headLines(session).join('\n'), ...absenceLines(session)].join('\n\n'),
});
