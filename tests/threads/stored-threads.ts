/** Stored threads of a test's own, below a home that goes away with it. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Seed {
  readonly number: number;
  /** `YYYY-MM-DDThh:mm:ssZ`: of the name, the head and the last change. */
  readonly time: string;
  readonly changed?: string;
  readonly text?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly archived?: boolean;
  /** Day folder, when it is not that of the time: `2025/01/02`. */
  readonly folder?: string;
  /** A second head behind the first, as a fork has. */
  readonly ancestor?: Readonly<Record<string, unknown>>;
  /** Without what the user said. */
  readonly silent?: boolean;
}

export const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

export const numberOf = ({ id }: { readonly id: string }): number => Number(id.slice(-12));

export class StoredThreads implements Disposable {
  readonly home = mkdtempSync(join(tmpdir(), 'stored-threads-'));

  constructor(seeds: readonly Seed[]) {
    for (const seed of seeds) this.add(seed);
  }

  add(seed: Seed): string {
    const { number, time, archived = false, text = `said ${number}` } = seed;
    const stamp = time.slice(0, 19).replaceAll(':', '-');
    const folder = archived ? 'archived_sessions' : `sessions/${seed.folder ?? time.slice(0, 10).replaceAll('-', '/')}`;
    const head = { id: idOf(number), timestamp: time, cwd: '/work', originator: 'editor', cli_version: '0.94.0' };
    const common = { ...head, source: 'cli', model_provider: 'local' };
    const lines: [string, unknown][] = [['session_meta', { ...common, ...seed.meta }]];
    if (seed.ancestor !== undefined) lines.push(['session_meta', { ...common, ...seed.ancestor }]);
    if (seed.silent !== true) {
      const content = [{ type: 'input_text', text }];
      lines.push(['response_item', { type: 'message', role: 'user', content }]);
      lines.push(['event_msg', { type: 'user_message', message: text, kind: 'plain' }]);
    }
    const rows = lines.map(([type, payload]) => `${JSON.stringify({ timestamp: time, type, payload })}\n`);
    return this.write(join(folder, `rollout-${stamp}-${idOf(number)}.jsonl`), rows.join(''), seed.changed ?? time);
  }

  write(path: string, text: string, changed: string): string {
    const file = join(this.home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    utimesSync(file, new Date(changed), new Date(changed));
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
