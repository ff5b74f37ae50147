import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Disk } from '../../src/search/disk.ts';
import { walkRoots } from '../../src/search/walk.ts';
import { onThirdAsking } from './support/flag.ts';
import { indexOf, pathsOf } from './support/indexes.ts';
import { Tree } from './support/tree.ts';

interface Extras {
  readonly home?: string;
  readonly isCancelled?: () => boolean;
}

/** Paths found, `index:path`, sorted; the index is left out when there is one root. */
function walk(roots: readonly string[], { home = '/nowhere', isCancelled = () => false }: Extras = {}): string[] {
  const found: string[] = [];
  walkRoots({
    roots,
    userFolders: { home, config: `${home}/.config` },
    isCancelled,
    maxMs: 60_000,
    disk: new Disk(),
    onOverdue: () => undefined,
    onNoRoom: () => undefined,
    onFile: (root, folder, name) => found.push(roots.length === 1 ? folder + name : `${root}:${folder}${name}`),
  });
  return found.sort();
}

test('hidden files are found, and every kind of entry but a folder', () => {
  using tree = Tree.of(['.hidden', 'a/.b/c']);
  execFileSync('mkfifo', [tree.path('pipe')]);
  mkdirSync(tree.path('empty'));
  assert.deepEqual(walk([tree.root]), ['.hidden', 'a/.b/c', 'pipe']);
});

test('git folders are never walked, also not through a link', () => {
  using tree = Tree.of(['.git/config', 'sub/.git/HEAD', 'sub/a', 'elsewhere/x', 'tree/.git']);
  symlinkSync(tree.path('elsewhere'), tree.path('elsewhere', '.git'));
  assert.deepEqual(walk([tree.root]), ['elsewhere/x', 'sub/a', 'tree/.git']);
});

/** Paths that a walk and an index find; they must be the same. */
async function foundBelow(root: string): Promise<readonly string[]> {
  using index = indexOf(root);
  const found = walk([root]);
  assert.deepEqual(pathsOf(await index.refresh()), found);
  return found;
}

test('links are followed under their own name', async () => {
  using tree = Tree.of(['a/file']);
  using outside = Tree.of(['c', 'd/e']);
  symlinkSync(outside.root, tree.path('a/linked'));
  symlinkSync('file', tree.path('a/also'));
  assert.deepEqual(await foundBelow(tree.root), ['a/also', 'a/file', 'a/linked/c', 'a/linked/d/e']);
});

test('a folder of the tree is listed by its own path and by those with one link, but not within itself', async () => {
  using tree = Tree.of(['a/file', 'b/c', 'b/in/d']);
  symlinkSync('../b', tree.path('a/to-b'));
  symlinkSync('../a', tree.path('b/to-a'));
  symlinkSync('..', tree.path('b/up'));
  symlinkSync('../b', tree.path('b/in/to-b'));
  const throughOne = ['a/to-b/c', 'a/to-b/in/d', 'b/to-a/file'];
  assert.deepEqual(await foundBelow(tree.root), [...throughOne, 'a/file', 'b/c', 'b/in/d'].sort());
});

test('each folder outside is listed once: by the path with the fewest links, then by the first', async () => {
  using tree = Tree.of(['a/file']);
  using outside = Tree.of(['x', 'in/y']);
  symlinkSync(outside.path('in'), tree.path('m'));
  symlinkSync(outside.root, tree.path('n'));
  symlinkSync(outside.root, tree.path('o'));
  symlinkSync(tree.root, outside.path('in/back'));
  assert.deepEqual(await foundBelow(tree.root), ['a/file', 'm/y', 'n/x']);
});

test('folders that all link to one another, and to the folder around them, do not multiply', async () => {
  const names = Array.from({ length: 12 }, (_, at) => `d${at}`);
  using tree = Tree.of(names.map((name) => `in/${name}/x`));
  for (const name of names) {
    for (const other of names) symlinkSync(`../${other}`, tree.path('in', name, `to-${other}`));
    symlinkSync('../..', tree.path('in', name, 'up'));
  }
  const found = await foundBelow(tree.path('in'));
  // Each by its own path and through each of the eleven others, and once more what is beside them.
  assert.equal(found.length, names.length + names.length * (names.length - 1));
});

test('a link to the root of the file system leads to all of it but what the kernel shows of itself', {
  skip: process.platform !== 'linux',
}, () => {
  using tree = Tree.of(['here']);
  symlinkSync('/proc', tree.path('processes'));
  symlinkSync('/sys', tree.path('system'));
  symlinkSync('/proc/self', tree.path('self'));
  symlinkSync('/etc', tree.path('settings'));
  const found = walk([tree.root]);
  assert.ok(found.includes('here') && found.includes('settings/passwd'));
  assert.deepEqual(
    found.filter((path) => !/^(here|settings\/)/.test(path)),
    [],
  );
  for (const root of ['/proc', '/sys/kernel']) assert.deepEqual(walk([root]), []);
});

test('folders that are nested too deeply, or whose paths are too long, are left out', async () => {
  using tree = Tree.of(['x']);
  const deep = Array.from({ length: 1_100 }, () => 'd').join('/');
  tree.write(`${deep}/y`);
  tree.write(`${deep.slice(0, 1_001)}/z`);
  // No path is long enough to write there, so two halves are joined.
  const half = Array.from({ length: 10 }, () => 'l'.repeat(250));
  for (const at of half.keys()) tree.write(`${half.slice(0, at + 1).join('/')}/f`);
  for (const at of half.keys()) tree.write(`m/${half.slice(0, at + 1).join('/')}/f`);
  renameSync(tree.path('m'), tree.path(...half, 'm'));
  using _removed = { [Symbol.dispose]: () => execFileSync('rm', ['-rf', tree.root]) };
  const bounds: string[] = [];
  using index = indexOf(tree.root, { onBound: (bound) => bounds.push(bound) });
  const found = pathsOf(await index.refresh());
  assert.deepEqual(found, walk([tree.root]));
  assert.deepEqual([...new Set(bounds)].sort(), ['depth', 'path-length']);
  assert.ok(
    found.includes('x') && found.some((path) => path.endsWith('/z')) && !found.some((path) => path.endsWith('/y')),
  );
  const files = found.filter((path) => path.endsWith('/f')).length;
  assert.ok(files >= 14 && files < 17, String(files));
});

test('links that lead nowhere, to themselves or back to a folder on the way are skipped', () => {
  using tree = Tree.of(['a/b/c']);
  symlinkSync('missing', tree.path('broken'));
  symlinkSync('itself', tree.path('itself'));
  symlinkSync('..', tree.path('a/up'));
  symlinkSync(tree.root, tree.path('a/b/top'));
  assert.deepEqual(walk([tree.root]), ['a/b/c']);
});

test('names that are not UTF-8 are skipped with all below them; the replacement character itself is a name', () => {
  using tree = Tree.of(['good', 'odd\ufffd']);
  const raw = (name: string): Buffer =>
    Buffer.concat([Buffer.from(`${tree.root}/`), Buffer.from([0xff]), Buffer.from(name)]);
  writeFileSync(raw('bad'), '');
  mkdirSync(raw('folder'));
  writeFileSync(raw('folder/x'), '');
  assert.deepEqual(walk([tree.root]), ['good', 'odd\ufffd']);
});

test('a root that is missing or a file contributes nothing', () => {
  using tree = Tree.of(['file', 'a/b']);
  assert.deepEqual(walk([tree.path('missing'), tree.path('file'), tree.path('a')]), ['2:b']);
  assert.deepEqual(walk([tree.path('file')]), []);
});

test('a folder that cannot be read is skipped, by an index too', () => {
  using tree = Tree.of(['a', 'locked/b', 'open/c']);
  chmodSync(tree.root, 0o755);
  chmodSync(tree.path('locked'), 0);
  const program = fileURLToPath(new URL('./support/list.main.js', import.meta.url));
  const command = [process.execPath, program, tree.root];
  // The superuser may read everything.
  const unprivileged = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...command];
  const [file = '', ...args] = process.getuid?.() === 0 ? unprivileged : command;
  const found = JSON.parse(execFileSync(file, args, { encoding: 'utf8' }));
  chmodSync(tree.path('locked'), 0o755); // so that it can be removed
  assert.deepEqual(found, { walked: ['a', 'open/c'], indexed: ['a', 'open/c'] });
});

test('a file below two roots is reported for the deeper one, once per walk that meets it', () => {
  using tree = Tree.of(['a', 'sub/b']);
  assert.deepEqual(walk([tree.root, tree.path('sub')]), ['0:a', '1:b', '1:b']);
  assert.deepEqual(walk([tree.path('sub'), tree.path('sub')]), ['0:b', '0:b']);
});

test('the nearest rule wins, a later one over an earlier one, and .ignore over .gitignore', () => {
  using tree = Tree.of({
    '.gitignore': '*.log\nbuild/\n/top\n!keep.log\n',
    '.ignore': '!wanted.log\n',
    'a.log': '',
    'wanted.log': '',
    'keep.log': '',
    top: '',
    'build/x': '',
    'sub/top': '',
    'sub/.gitignore': '!b.log\n',
    'sub/b.log': '',
    'sub/c.log': '',
    'sub/build': '',
  });
  const found = walk([tree.root]).filter((path) => !path.endsWith('ignore'));
  assert.deepEqual(found, ['keep.log', 'sub/b.log', 'sub/build', 'sub/top', 'wanted.log']);
});

test('rules distinguish upper and lower case', () => {
  using tree = Tree.of({ '.gitignore': 'readme\n', README: '', readme: '' });
  assert.deepEqual(walk([tree.root]), ['.gitignore', 'README']);
});

test('a folder kept by .ignore is walked although .gitignore ignores it, and its other rules still hold inside', () => {
  using tree = Tree.of({
    '.gitignore': 'dist/\n*.map\n',
    '.ignore': '!dist/\n',
    'dist/a.js': '',
    'dist/a.js.map': '',
    'dist/dist/b.js': '',
    'dist/sub/c.js': '',
  });
  const found = walk([tree.root]).filter((path) => !path.endsWith('ignore'));
  // The folder inside is kept by the same rule of .ignore.
  assert.deepEqual(found, ['dist/a.js', 'dist/dist/b.js', 'dist/sub/c.js']);
});

test('a root inside an ignored folder is searched all the same', () => {
  using tree = Tree.of({
    '.git/HEAD': '',
    '.gitignore': 'out/\n*.tmp\n/out/skip\n',
    'out/a': '',
    'out/b.tmp': '',
    'out/skip/c': '',
    'out/out/d': '',
  });
  assert.deepEqual(walk([tree.path('out')]), ['a']);
});

test('ignore files above the root count up to the repository root and no further', () => {
  using tree = Tree.of({
    '.gitignore': 'above\n',
    'repo/.git/HEAD': '',
    'repo/.gitignore': '*.log\nin/sub/x\n',
    'repo/in/.ignore': 'y\n',
    'repo/in/sub/a.log': '',
    'repo/in/sub/above': '',
    'repo/in/sub/x': '',
    'repo/in/sub/y': '',
    'repo/in/sub/z': '',
  });
  assert.deepEqual(walk([tree.path('repo/in/sub')]), ['above', 'z']);
});

test('without a repository only ignore files at or below the root count', () => {
  using tree = Tree.of({ '.gitignore': 'a\n', 'sub/.gitignore': 'b\n', 'sub/a': '', 'sub/b': '' });
  assert.deepEqual(walk([tree.path('sub')]), ['.gitignore', 'a']);
});

test('info/exclude counts, weaker than .gitignore, also in a linked work tree', () => {
  using tree = Tree.of({
    'main/.git/info/exclude': 'secret\nboth\n',
    'main/.gitignore': '!both\n',
    'main/secret': '',
    'main/both': '',
    'main/.git/worktrees/w/commondir': '../..\n',
    'linked/secret': '',
    'linked/other': '',
  });
  tree.write('linked/.git', `gitdir: ${tree.path('main/.git/worktrees/w')}\n`);
  assert.deepEqual(walk([tree.path('main')]), ['.gitignore', 'both']);
  assert.deepEqual(walk([tree.path('linked')]), ['.git', 'other']);
});

test('global excludes are read from the file that the git settings name, else from the usual place', () => {
  using tree = Tree.of({ 'w/a.bak': '', 'w/b.swp': '', 'w/c': '' });
  using usual = Tree.of({ '.config/git/ignore': '*.bak\n' });
  using named = Tree.of({
    '.gitconfig': '[core]\n  excludesFile = "~/my ignores" ; mine\n[user]\n  excludesfile = ~/no\n',
    'my ignores': '*.swp\n',
    '.config/git/ignore': '*.bak\n',
  });
  assert.deepEqual(walk([tree.path('w')], { home: usual.root }), ['b.swp', 'c']);
  assert.deepEqual(walk([tree.path('w')], { home: named.root }), ['a.bak', 'c']);
});

test('a walk ends within a few hundred steps of the flag', () => {
  using tree = Tree.of(Array.from({ length: 1_000 }, (_, index) => `d${index % 7}/f${index}`));
  const isCancelled = onThirdAsking();
  const found = walk([tree.root], { isCancelled });
  assert.ok(found.length > 0 && found.length < 400, `${found.length} files`);
  assert.deepEqual(walk([tree.root], { isCancelled: () => true }), []);
});

test('nothing but regular files counts as rules or settings, and nothing is waited for', () => {
  using tree = Tree.of(['a/x.o', 'b/x.o', 'c/x.o', 'd/x.o', 'e/x.o', 'f/x.o', 'g/.ignore/x']);
  using home = Tree.of([]);
  execFileSync('mkfifo', [
    tree.path('a/.gitignore'),
    tree.path('b/.ignore'),
    tree.path('c/.git'),
    home.path('.gitconfig'),
  ]);
  symlinkSync('/dev/zero', tree.path('d/.gitignore'));
  mkdirSync(tree.path('e/.git/info'), { recursive: true });
  execFileSync('mkfifo', [tree.path('e/.git/info/exclude')]);
  tree.write('f/.git', `gitdir: ${tree.path('f')}\n`);
  execFileSync('mkfifo', [tree.path('f/commondir')]);
  const found = walk([tree.root], { home: home.root }).filter((path) => path.endsWith('x.o') || path.endsWith('x'));
  assert.deepEqual(found, ['a/x.o', 'b/x.o', 'c/x.o', 'd/x.o', 'e/x.o', 'f/x.o', 'g/.ignore/x']);
});

test('of a file of rules that is larger than any would be, the beginning counts', () => {
  using tree = Tree.of({ 'a/.gitignore': '*.o\n', 'a/x.o': '', 'b/x.o': '', 'b/last': '' });
  truncateSync(tree.path('a/.gitignore'), 2 ** 40);
  tree.write('b/.gitignore', `*.o\n${'#'.repeat(1 << 20)}\nlast\n`);
  assert.deepEqual(walk([tree.root]), ['a/.gitignore', 'b/.gitignore', 'b/last']);
});

test('rules hold up to the first line that is not UTF-8', () => {
  using tree = Tree.of(['a', 'b', 'c']);
  writeFileSync(tree.path('.gitignore'), Buffer.from('a\nb\xff\nc\n', 'latin1'));
  assert.deepEqual(walk([tree.root]), ['.gitignore', 'b', 'c']);
});
