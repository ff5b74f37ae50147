import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { distFolder } from '../../support/server.ts';

const collector = pathToFileURL(join(distFolder(), 'bench/search/collect.main.js')).href;
const run = async (program: string): Promise<string> => {
  const args = ['--expose-gc', '--import', collector, '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
  return stdout;
};

/** Says so when something that nobody holds any more has been collected. */
const REGISTER = `
  const { parentPort } = require('node:worker_threads');
  const registry = new FinalizationRegistry((thread) => tell(thread));
  registry.register({}, parentPort === null ? 'main' : 'worker');`;
const WORKER = `const tell = (thread) => parentPort.postMessage(thread); ${REGISTER} parentPort.ref(); parentPort.postMessage('ready');
  parentPort.on('message', () => {});`;
const MAIN = `
  const collected = new Set();
  const tell = (thread) => { collected.add(thread); if (collected.size === 2) { console.log([...collected].sort().join()); process.exit(); } };
  ${REGISTER}
  const { Worker } = require('node:worker_threads');
  const worker = new Worker(${JSON.stringify(WORKER)}, { eval: true });
  worker.on('message', (said) => (said === 'ready' ? process.kill(process.pid, 'SIGUSR2') : tell(said)));`;

test('a program that is told so collects the garbage of all its threads', async (context) => {
  if (process.platform === 'win32') return context.skip('no such signal');
  assert.equal(await run(MAIN), 'main,worker\n');
});

test('a program that can be told so still ends by itself', async (context) => {
  if (process.platform === 'win32') return context.skip('no such signal');
  assert.equal(await run("new (require('node:worker_threads').Worker)('0', { eval: true }); console.log(1)"), '1\n');
});
