/** Each module once: a class that stands in two files of one thread is two classes, and `instanceof` is false between them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { distFolder } from '../support/server.ts';

/** By the program that a thread starts with; piscina starts its own, which loads ours. */
const THREADS: readonly (readonly string[])[] = [
  ['code/main.js'],
  ['code/worker-turns.js'],
  ['code/worker-list.js'],
  ['worker-index.js'],
  ['piscina/worker.js', 'worker-search.js'],
  ['apply-patch.js'],
];

/** Files of the build that a file loads, at once or later, and what they load. */
function loadedFrom(file: string, found: Set<string>): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(distFolder(), file), 'utf8');
  for (const [, name = ''] of text.matchAll(/\brequire\("(\.[^"]+\.js)"\)/g)) {
    const beside = join(dirname(file), name);
    // Chunks that are always loaded together are in one file, and what stands beside the programs is loaded by its place there.
    const loaded = [beside, join(name)].find((path) => existsSync(join(distFolder(), path)));
    if (loaded !== undefined) loadedFrom(loaded, found);
    else assert.ok(text.includes(`${JSON.stringify(name.slice(2))}:`) || isInProgram(name, found), `${file}: ${name}`);
  }
  return found;
}

const isInProgram = (name: string, found: ReadonlySet<string>): boolean =>
  [...found].some((file) =>
    readFileSync(join(distFolder(), file), 'utf8').includes(`${JSON.stringify(name.slice(2))}:`),
  );

interface SourceMap {
  readonly sources?: readonly string[];
  readonly sections?: readonly { readonly map: SourceMap }[];
}

/** Modules of a file. */
function modulesOf(file: string): string[] {
  const modules = ({ sources = [], sections = [] }: SourceMap): string[] => [
    ...sources,
    ...sections.flatMap(({ map }) => modules(map)),
  ];
  const folder = dirname(join(distFolder(), file));
  const map: SourceMap = JSON.parse(readFileSync(join(distFolder(), `${file}.map`), 'utf8'));
  return modules(map).map((source) => join(folder, source));
}

for (const programs of THREADS) {
  test(`no module is in two files that one thread loads: ${programs.join(', ')}`, () => {
    const files = new Set<string>();
    for (const program of programs) loadedFrom(program, files);
    const places = new Map<string, string>();
    for (const file of files) {
      for (const module of modulesOf(file)) {
        assert.equal(places.get(module), undefined, `${module} is in ${file}, too`);
        places.set(module, file);
      }
    }
    assert.ok(places.size > 5);
  });
}

test('the application and what answers first are among the files of the main thread', () => {
  const modules = [...loadedFrom('code/main.js', new Set())].map((file) => [file, modulesOf(file)] as const);
  const fileOf = (module: string): string | undefined =>
    modules.find(([, names]) => names.some((name) => name.endsWith(join('src', module))))?.[0];
  assert.equal(fileOf('main.ts'), join('code', 'main.js'));
  assert.equal(fileOf('base/errors.ts'), join('code', 'main.js'));
  assert.match(fileOf('server.ts') ?? '', /server-/);
  assert.match(fileOf('upstream/dispatcher.ts') ?? '', /dispatcher-/);
});
