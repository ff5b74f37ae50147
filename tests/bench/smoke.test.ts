import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { distFolder } from '../support/server.ts';

test('the bench measures the built server and reports a table and JSON', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shardex-report-'));
  try {
    const json = join(folder, 'report.json');
    const args = ['--smoke', '--no-reference', '--json', json];
    const { stdout } = await promisify(execFile)(process.execPath, [join(distFolder(), 'bench/run.js'), ...args]);
    assert.match(stdout, /turn\/start to turn\/completed \[ms\] +ours +\d+ /);
    const report = JSON.parse(readFileSync(json, 'utf8')) as {
      effort: string;
      machine: { node: string };
      figures: { name: string; series: { ours?: { n: number; median: number } } }[];
    };
    assert.equal(report.effort, 'smoke');
    assert.equal(report.machine.node, process.versions.node);
    for (const { name, series } of report.figures) {
      if (process.platform !== 'linux' && name.endsWith('memory')) continue; // read from /proc
      assert.ok((series.ours?.median ?? 0) > 0, `${name} was not measured`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
