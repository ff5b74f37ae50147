import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder whose name has what shells and URLs have to quote. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "shardex o'cli "));
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
