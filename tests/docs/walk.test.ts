/** The steps of CONTRIBUTING.md and README.md, done to the letter in a copy of the source: it compiles, and the new tests pass. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { projectRoot, readProjectFile } from '../support/project.ts';

interface Snippet {
  readonly path: string;
  /** The line that it stands below; null for the end of the file, which may be new. */
  readonly below: string | null;
  readonly text: string;
}

const BLOCK = /^( *)```ts\n *\/\/ (\S+?)(?:, below: (.*))?\n([\s\S]*?)^ *```$/gm;

/** The blocks that begin with the name of a file, without the indentation of the list that they are in. */
const snippetsOf = (document: string): Snippet[] =>
  [...readProjectFile(document).matchAll(BLOCK)].map(([, indent = '', path = '', below = null, text = '']) => ({
    path,
    below,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));

function apply(root: string, { path, below, text }: Snippet): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const at = below === null ? lines.length : lines.findIndex((line) => line.trim() === below) + 1;
  assert.ok(at > 0 || below === null, `${path} has no line: ${below}`);
  writeFileSync(file, [...lines.slice(0, at), text, ...lines.slice(at)].join('\n'));
}

const COPIED = [
  'src',
  'workers',
  'tests/support',
  'tests/run.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

class Copy implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'shardex-walk-'));

  constructor() {
    for (const path of COPIED) cpSync(join(projectRoot(), path), join(this.root, path), { recursive: true });
    symlinkSync(join(projectRoot(), 'node_modules'), join(this.root, 'node_modules'), 'junction');
  }

  /** Runs a script of the copy and gives what it printed. */
  run(...words: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: this.root, encoding: 'utf8' });
    assert.equal(status, 0, `${words.join(' ')}:\n${stdout}${stderr}`);
    return stdout;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

test('whoever follows CONTRIBUTING.md has a method, a notification and a tool that work', () => {
  const snippets = snippetsOf('CONTRIBUTING.md');
  const tests = snippets.filter(({ path }) => path.endsWith('.test.ts')).map(({ path }) => path.slice(0, -3));
  assert.equal(tests.length, 2);
  using copy = new Copy();
  for (const snippet of snippets) apply(copy.root, snippet);
  copy.run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json');
  copy.run('src/build/bundle.mjs');
  assert.match(
    copy.run('dist/tests/run.js', ...tests.map((path) => path.slice('tests/'.length))),
    /^2 passed, 0 failed$/m,
  );
});

test('the README shows steps of CONTRIBUTING.md', () => {
  const steps = snippetsOf('CONTRIBUTING.md');
  const shown = snippetsOf('README.md');
  assert.equal(shown.length, 2);
  for (const snippet of shown)
    assert.ok(
      steps.some((step) => JSON.stringify(step) === JSON.stringify(snippet)),
      snippet.text,
    );
});

test('every example in TypeScript says which file it goes into', () => {
  for (const document of ['README.md', 'CONTRIBUTING.md']) {
    const blocks = [...readProjectFile(document).matchAll(/^ *```ts$/gm)];
    assert.equal(snippetsOf(document).length, blocks.length, document);
  }
});
