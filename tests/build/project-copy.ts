/** A copy of the project that tests may change and build. Its packages are those of the project. */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../support/project.ts';

/** Without tests and benches, which take most of the time of a build. */
const COPIED = ['src', 'workers', 'package.json', 'package-lock.json', 'tsconfig.json', 'tests/clients/no-codex'];
const LIMIT_MS = 300_000;

export class ProjectCopy implements Disposable {
  /** With a blank, a quote and a letter that is not ASCII in its name. */
  readonly root: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'shardex-copy-'));

  /** Of another copy, with what is built in it, or of the project. */
  constructor(original?: ProjectCopy) {
    this.root = join(this.#folder, "it's a cöpy");
    const [from, paths] = original === undefined ? [projectRoot(), COPIED] : [original.root, [...COPIED, 'dist']];
    for (const path of paths) cpSync(join(from, path), join(this.root, path), { recursive: true });
    symlinkSync(join(projectRoot(), 'node_modules'), join(this.root, 'node_modules'));
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  node(...args: string[]): SpawnSyncReturns<string> {
    return spawnSync(process.execPath, args, { cwd: this.root, encoding: 'utf8', timeout: LIMIT_MS });
  }

  build(...args: string[]): SpawnSyncReturns<string> {
    return this.node('src/build/bundle.mjs', ...args);
  }

  /** Builds beside others; resolves with the exit code. */
  async buildBeside(): Promise<number | null> {
    const child = spawn(process.execPath, ['src/build/bundle.mjs'], { cwd: this.root, stdio: 'ignore' });
    const [code] = await once(child, 'exit');
    return code;
  }

  /** The version is part of what is built, and easily seen. */
  setVersion(version: string): void {
    const file = this.path('src/base/version.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/(VERSION = )'[^']*'/, `$1'${version}'`));
  }

  /** What the launcher starts. */
  version(): string {
    const { stdout, stderr } = this.node('dist/main.js', '--version');
    return stdout.trim() || stderr;
  }

  builds(): string[] {
    return readdirSync(this.path('dist', 'builds')).filter((name) => !name.startsWith('.'));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
