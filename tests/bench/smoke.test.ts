import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { distFolder } from '../support/server.ts';

/** Notes how each Node program is started that the user's own options reach. */
const RECORDER = `require('fs').appendFileSync(process.env.RECORD, process.execArgv.concat(process.argv).join(' ') + '\\n')`;

test('the bench measures the built server and reports a table and JSON', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shardex-report-'));
  try {
    const json = join(folder, 'report.json');
    const args = ['--smoke', '--no-reference', '--json', json];
    const [recorder, record] = [join(folder, 'recorder.cjs'), join(folder, 'record')];
    writeFileSync(recorder, RECORDER);
    const env = { ...process.env, NODE_OPTIONS: `--require=${recorder}`, RECORD: record };
    const program = join(distFolder(), 'bench/run.js');
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { env });
    const reached = readFileSync(record, 'utf8').trim().split('\n');
    assert.ok(
      reached.some((line) => line.includes('client.main.js')),
      'the bench itself is run with options',
    );
    const server = join(distFolder(), 'main.js');
    const timed = reached.filter((line) => line.startsWith('-e ') || line.endsWith(server));
    assert.deepEqual(timed, [], 'nothing that is timed is, neither our server nor the empty program');
    assert.match(
      stdout,
      /^measured +\d{4}-\d\d-\d\d \d\d:\d\d UTC, commit ([0-9a-f]{12}\+?|unknown)\nmachine .* \d+ processors.*\nnode +\d/,
    );
    assert.match(stdout, /turn\/start to turn\/completed \[ms\] +ours +\d+ /);
    const report = JSON.parse(readFileSync(json, 'utf8')) as {
      effort: string;
      machine: { node: string };
      figures: { name: string; series: { ours?: { n: number; median: number } } }[];
    };
    assert.equal(report.effort, 'smoke');
    for (const first of ['initialize', 'first-thread', 'first-turn'])
      assert.ok(
        report.figures.some(({ name }) => name === first),
        first,
      );
    assert.equal(report.machine.node, process.versions.node);
    for (const { name, series } of report.figures) {
      if (process.platform !== 'linux' && name.endsWith('memory')) continue; // read from /proc
      assert.ok((series.ours?.median ?? 0) > 0, `${name} was not measured`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
