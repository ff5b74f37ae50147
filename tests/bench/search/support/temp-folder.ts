import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder that goes away with everything in it. */
export class TempFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'shardex-bench-test-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
