import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { distFolder } from '../support/server.ts';

test('the bench of stored threads measures the built server and reports a table and JSON', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shardex-report-'));
  try {
    const json = join(folder, 'report.json');
    const args = ['--smoke', '--no-reference', '--only', 'list', '--json', json];
    const program = join(distFolder(), 'bench/threads/run.js');
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args]);
    assert.match(stdout, /page by updated_at, \d+ rollouts \[ms\] +ours +\d+ /);
    const report = JSON.parse(readFileSync(json, 'utf8')) as {
      figures: { name: string; series: { ours?: { median: number } } }[];
    };
    for (const { name, series } of report.figures) {
      if (name.endsWith('stall')) continue; // too short for a small request between
      assert.ok((series.ours?.median ?? 0) > 0, `${name} was not measured`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
