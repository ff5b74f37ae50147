// Has V8 keep what it makes of the programs: one run of the server, in which those of its functions that every run needs are compiled.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const requests = (folder) => [
  { id: 1, method: 'initialize', params: { clientInfo: { name: 'build', title: null, version: '0' } } },
  { method: 'initialized' },
  { id: 2, method: 'model/list', params: {} },
  { id: 3, method: 'thread/list', params: {} },
  { id: 4, method: 'thread/start', params: { cwd: folder } },
  { id: 5, method: 'fuzzyFileSearch', params: { query: 'a', roots: [folder] } },
];

/** Nobody listens there: a build says nothing to a model service, and uses no key and no settings of whoever builds. */
const NOWHERE = 'http://127.0.0.1:9/v1';

/** Without it programs run all the same, only later: a failure is told and ends nothing. */
export function warmUp(outdir) {
  const folder = mkdtempSync(join(tmpdir(), 'shardex-build-'));
  try {
    const preload = new URL('keep-compiled.mjs', import.meta.url).href;
    const { status, stderr } = spawnSync(process.execPath, ['--import', preload, join(outdir, 'main.js')], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, CODEX_HOME: folder, OPENAI_BASE_URL: NOWHERE },
      input: requests(folder)
        .map((request) => `${JSON.stringify(request)}\n`)
        .join(''),
    });
    if (status !== 0) process.stderr.write(`programs are compiled when they start: ${stderr}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
