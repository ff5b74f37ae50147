/** How a test has a shard run out of memory: by an answer that is as large as answers may be, in a heap that is as small as works. */
import { created, itemDone, reasoningItem } from './model-events.ts';
import { hang, type Reply } from './model-server.ts';

/** Options of a server whose shards have little memory, and its main thread no less than it needs. */
export const SMALL_HEAP = { env: { NODE_OPTIONS: '--max-old-space-size=32' } } as const;

/** Below what one item may hold, and one answer; sealed, so that no client is shown it. */
const SEALED = 'x'.repeat(4_150_000);
const ITEMS = 7;

/** More than a shard with a small heap can hold; goes on for ever for one that can. */
export const tooMuch = (): Reply =>
  hang(
    created(),
    ...Array.from({ length: ITEMS }, (_, n) =>
      itemDone({ ...reasoningItem(`sealed-${n}`, []), encrypted_content: SEALED }),
    ),
  );
