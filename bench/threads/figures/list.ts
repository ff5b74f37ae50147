/** Pages of `thread/list` in homes with few and with many stored threads, and what a small request waits meanwhile. */
import type { Figure, Measured, Target } from '../../figure.ts';
import { SampleSet } from '../../sample-set.ts';
import { plantRollouts } from '../plant.ts';
import type { ThreadBench, ThreadWorkload } from '../thread-bench.ts';

const SMALL = 3000;
const LARGE = 50_000;
const PING_EVERY_MS = 5;
/** Pages in one server, the first ones only to warm it up. */
const PAGES = 40;
const WARM_UPS = 5;

interface Size {
  readonly label: string;
  readonly files: number;
  readonly rounds: number;
  readonly targets: Readonly<Record<Key, readonly Target[]>>;
}

type Key = 'created_at' | 'updated_at';
const KEYS: readonly Key[] = ['created_at', 'updated_at'];

const atMost = (limit: number): Target => ({ kind: 'atMost', limit });
const ratioAtMost = (limit: number): Target => ({ kind: 'ratioAtMost', to: 'reference', limit });

const figure = (name: string, title: string, targets: readonly Target[], statistic: Figure['statistic']): Figure => ({
  name,
  title,
  unit: 'ms',
  statistic,
  targets,
});

export const list: ThreadWorkload = {
  name: 'list',
  async measure(bench) {
    const rounds = bench.amount({ full: 5, quick: 2, smoke: 1 });
    const small = {
      label: '3k',
      files: bench.amount({ full: SMALL, quick: SMALL, smoke: 30 }),
      rounds,
      targets: { created_at: [ratioAtMost(0.5)], updated_at: [ratioAtMost(0.2)] },
    };
    const large = {
      label: '50k',
      files: bench.amount({ full: LARGE, quick: LARGE, smoke: 60 }),
      rounds: bench.amount({ full: 2, quick: 1, smoke: 1 }), // half a minute each
      targets: { created_at: [atMost(20)], updated_at: [atMost(20)] },
    };
    return [...(await measureSize(bench, small)), ...(await measureSize(bench, large))];
  },
};

async function measureSize(bench: ThreadBench, size: Size): Promise<Measured[]> {
  await using home = await bench.home();
  plantRollouts(home.home, size.files);
  const pages = new Map(KEYS.map((key) => [key, new SampleSet()]));
  const first = new SampleSet();
  const pings = new SampleSet();
  const warmUps = bench.amount({ full: WARM_UPS, quick: WARM_UPS, smoke: 1 });
  const count = warmUps + bench.amount({ full: PAGES, quick: PAGES, smoke: 2 });
  await bench.alternate(size.rounds, (engine) =>
    bench.withServer(engine, home, async ({ call }) => {
      for (const key of KEYS) {
        const params = { sortKey: key, modelProviders: [] };
        const calls = Array.from({ length: count }, () => ({ method: 'thread/list', params }));
        const { callMs } = await call((client) => client.time({ calls, pingEveryMs: null }));
        if (key === 'created_at') first.add(engine.id, callMs.slice(0, 1));
        pages.get(key)?.add(engine.id, callMs.slice(warmUps));
        // Words that no thread has: every head is looked at.
        const heavy = [...calls, { method: 'thread/list', params: { ...params, searchTerm: 'zyzzyva' } }];
        const { pingMs } = await call((client) => client.time({ calls: heavy, pingEveryMs: PING_EVERY_MS }));
        if (pingMs.length > 0) pings.add(engine.id, [Math.max(...pingMs)]);
      }
    }),
  );
  const { label, targets } = size;
  const files = `${size.files.toLocaleString('en-US')} rollouts`;
  return [
    { figure: figure(`list-${label}-first`, `first page, ${files}`, [], 'median'), samples: first.samples },
    ...KEYS.map((key) => ({
      figure: figure(`list-${label}-${key}`, `page by ${key}, ${files}`, targets[key], 'median'),
      samples: pages.get(key)?.samples ?? {},
    })),
    {
      figure: figure(`list-${label}-stall`, `longest wait of a small request, ${files}`, [atMost(20)], 'median'),
      samples: pings.samples,
    },
  ];
}
