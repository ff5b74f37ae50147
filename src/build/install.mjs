// Installs the packages of the lock file. They are installed aside and moved to their place, so that an installation that is killed or
// has no network leaves the one before, running servers find their packages, and two who install at once do not meet.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, scratchFolder } from './places.mjs';

const INSTALLED = join(root, 'node_modules');
const MANIFESTS = ['package.json', 'package-lock.json', '.npmrc'];

/** Whether every package of the lock file is there in its version; those for other systems need not be. */
export function isInstalled() {
  const installed = packagesOf(join(INSTALLED, '.package-lock.json')); // npm writes it when it has written all the rest
  if (installed === null) return false;
  const asked = Object.entries(packagesOf(join(root, 'package-lock.json')) ?? {}).filter(([path]) => path !== '');
  return (
    asked.every(([path, entry]) => isSame(installed[path], entry) && isThere(path, installed[path])) &&
    Object.keys(installed).every((path) => asked.some(([each]) => each === path) || path.startsWith('tests/'))
  );
}

function isSame(installed, { version, integrity, optional, link }) {
  if (installed === undefined) return optional === true;
  return link === true || (installed.version === version && installed.integrity === integrity);
}

function isThere(path, entry) {
  if (entry === undefined) return true;
  const manifest = readJson(join(root, path, 'package.json'));
  return manifest !== null && (entry.link === true || manifest.version === entry.version);
}

const packagesOf = (lock) => readJson(lock)?.packages ?? null;

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null; // absent, or written half
  }
}

/** Returns an exit code; what went wrong is on stderr. */
export function install() {
  try {
    mkdirSync(scratchFolder, { recursive: true });
    const aside = mkdtempSync(join(scratchFolder, 'install-'));
    try {
      return installIn(aside);
    } finally {
      rmSync(aside, { recursive: true, force: true, maxRetries: 3 });
    }
  } catch (error) {
    process.stderr.write(`The packages could not be installed: ${error.message}\n`);
    return 1;
  }
}

function installIn(aside) {
  copyManifests(aside);
  const status = npmCi(aside);
  if (status !== 0) return status;
  return isInstalled() || swap(aside) ? 0 : npmCi(root);
}

/** The packages that the lock file takes from folders of the project come along. */
function copyManifests(folder) {
  for (const file of MANIFESTS) if (existsSync(join(root, file))) cpSync(join(root, file), join(folder, file));
  const linked = Object.values(packagesOf(join(root, 'package-lock.json')) ?? {}).filter(({ link }) => link === true);
  for (const { resolved } of linked) cpSync(join(root, resolved), join(folder, resolved), { recursive: true });
}

/** Whatever the user's settings leave out elsewhere: the build needs the development packages, and one for this system. */
function npmCi(folder) {
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const cli = process.env.npm_execpath;
  const [program, first] = cli?.endsWith('npm-cli.js') ? [process.execPath, [cli]] : ['npm', []];
  const { status, error } = spawnSync(program, [...first, ...args], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32' && program === 'npm',
  });
  if (error) process.stderr.write(`npm could not be started: ${error.message}\n`);
  return status ?? 1;
}

/** false: node_modules cannot be moved, a mounted folder for example, and is as it was. */
function swap(aside) {
  const before = join(aside, 'before');
  try {
    if (existsSync(INSTALLED)) renameSync(INSTALLED, before);
    renameSync(join(aside, 'node_modules'), INSTALLED);
    return true;
  } catch {
    if (!existsSync(INSTALLED) && existsSync(before)) renameSync(before, INSTALLED);
    return isInstalled(); // somebody else was quicker
  }
}
