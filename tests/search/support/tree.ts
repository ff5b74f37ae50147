/** A folder of files that is gone again at the end of a test. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export class Tree implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'shardex-tree-')));

  /** Writes files by path; a list of paths writes empty ones. */
  static of(files: Readonly<Record<string, string>> | readonly string[]): Tree {
    const tree = new Tree();
    const entries = Array.isArray(files) ? files.map((path: string) => [path, ''] as const) : Object.entries(files);
    for (const [path, text] of entries) tree.write(path, text);
    return tree;
  }

  write(path: string, text = ''): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
