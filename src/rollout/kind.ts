/**
 * By which rules a thread's file is written. `legacy`: as codex 0.94 writes it, and we. `paginated`: as codex of today does, with
 * numbered lines; a line without a number would make that program refuse the file. `unknown`: by rules that nobody here knows,
 * so that nothing may be added. Observed on codex app-server 0.94.0 and 0.171.0.
 */
import type { SessionMeta } from './entries.ts';

export type RolloutKind = 'legacy' | 'paginated' | 'unknown';

/** `meta`: the head of the thread's own file; `isNumbered`: whether any of its lines has a number. */
export function kindOf(meta: SessionMeta | null, isNumbered: boolean): RolloutKind {
  switch (meta?.history_mode) {
    case undefined:
    case 'legacy':
      return isNumbered ? 'paginated' : 'legacy';
    case 'paginated':
      return 'paginated';
    default:
      return 'unknown';
  }
}
