import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readOptions } from '../../src/demo/options.ts';
import { configText } from '../../src/demo/scratch.ts';
import { duration, Screen } from '../../src/demo/screen.ts';
import { shortened } from '../../src/demo/search.ts';
import { says } from '../support/model-events.ts';
import { ModelServer, stream } from '../support/model-server.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { distFolder } from '../support/server.ts';

interface Ended {
  readonly code: number;
  readonly text: string;
}

/** The built demo, standing in a small repository, with a temporary folder of its own. */
async function demo(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended & { readonly left: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'shardex-demo-test-'));
  const temporary = mkdtempSync(join(tmpdir(), 'shardex-demo-tmp-'));
  try {
    for (const name of ['package.json', 'readme.md', 'index.ts']) writeFileSync(join(folder, name), 'x\n');
    const clean = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(OPENAI_|CODEX_|NODE_TEST)/.test(name)),
    );
    const child = { cwd: folder, env: { ...clean, TMPDIR: temporary, ...env }, timeout: PATIENCE_MS };
    const ended = await new Promise<Ended>((resolve) => {
      const started = execFile(
        process.execPath,
        [join(distFolder(), 'demo.js'), ...args],
        child,
        (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr });
        },
      );
      started.stdin?.end();
    });
    return { ...ended, left: filesBelow(temporary) };
  } finally {
    for (const each of [folder, temporary]) rmSync(each, { recursive: true, force: true });
  }
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path) && /\.(toml|json|jsonl|txt|log)$/.test(path))
    .map((path) => readFileSync(path, 'utf8'));

test('npm start searches, runs a command, edits a file, and leaves nothing behind', async () => {
  // A proxy that is out of reach: the embedded model is not.
  const { code, text, left } = await demo(['--unconfined'], { HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: 'intern' });
  assert.equal(code, 0, text);
  for (const part of [
    /files? in \d/,
    /\$ .*greeting\.txt/,
    /\+Status: finished/,
    /tokens?, .*status completed/,
    /All of it happened/,
  ]) {
    assert.match(text, part);
  }
  assert.doesNotMatch(text, /\u001b/, 'colours are for terminals');
  assert.deepEqual(left, []);
});

test('without a sandbox and without a person to ask, only the search runs', async () => {
  const { code, text } = await demo([], { SHARDEX_BWRAP: '/nowhere/bwrap' });
  assert.equal(code, 1, text);
  assert.match(text, /sandbox {2}none/);
  assert.match(text, /files? in \d/);
  assert.doesNotMatch(text, /One turn in/);
  assert.match(text, /Install bubblewrap, or say --unconfined/);
});

test('a key from the environment is used and never written down', async () => {
  await using model = await ModelServer.start();
  model.script(stream(says('I will not do that.')));
  const key = 'sk-demo-0123456789abcdef';
  const { code, text, left } = await demo(['--unconfined', '--keep', '-c', 'model=some-model'], {
    OPENAI_API_KEY: key,
    OPENAI_BASE_URL: model.baseUrl,
  });
  assert.equal((await model.waitForRequest()).headers.authorization, `Bearer ${key}`);
  assert.equal(code, 1, 'words of a model are no proof');
  assert.match(text, /did not succeed: the model said nothing|no command ran/);
  assert.ok(left.some((file) => file.includes('env_key = "OPENAI_API_KEY"')));
  assert.ok(!left.some((file) => file.includes(key)) && !text.includes(key));
});

test('an unknown option is an error with a hint', async () => {
  const { code, text } = await demo(['--fly']);
  assert.equal(code, 1);
  assert.match(text, /--fly/);
  assert.match((await demo(['--help'])).text, /--unconfined[\s\S]*replace <text>/);
});

test('the model is the embedded one, that of the key, or the configured one', () => {
  const choice = (args: string[], env = {}): unknown => {
    const options = readOptions(args, env);
    return options === 'help' ? 'help' : options.model;
  };
  const key = { OPENAI_API_KEY: 'sk-1' };
  assert.equal(choice([]), 'embedded');
  assert.equal(choice([], { OPENAI_API_KEY: ' ' }), 'embedded');
  assert.equal(choice([], key), 'openai');
  assert.equal(choice(['--embedded'], key), 'embedded');
  assert.equal(choice(['-c', 'model_provider=mine'], key), 'configured');
  assert.equal(choice(['-c', 'model=x']), 'embedded');
  assert.throws(() => choice(['--embedded', '-c', 'model_provider=mine']), /exclude each other/);
});

test('the configuration names the variable of a key', () => {
  const text = configText({ name: 'A "B"', baseUrl: 'http://x/v1', envKey: 'KEY', model: null });
  assert.match(text, /name = "A \\"B\\""[\s\S]*env_key = "KEY"/);
});

test('colours and the moving line are for terminals, and output cannot steer one', () => {
  const shown = (isTTY: boolean, env = {}): string => {
    let text = '';
    const write = (piece: string): void => {
      text += piece;
    };
    const screen = new Screen({ isTTY, write }, env);
    screen.piece('part');
    screen.line(screen.styled('red', 'x'));
    screen.block('\u001b[2Jhidden\u0007\n');
    using _busy = screen.busy('searching', () => 0);
    return text;
  };
  assert.equal(shown(false), 'part\nx\n    [2Jhidden\n');
  assert.match(shown(true), /\u001b\[31mx/);
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }, { FORCE_COLOR: '0' }]) {
    assert.doesNotMatch(shown(true, env), /\u001b\[31m/);
  }
  for (const env of [{ FORCE_COLOR: '1' }, { FORCE_COLOR: '', NO_COLOR: '1' }]) {
    assert.match(shown(false, env), /\u001b\[31mx/);
  }
});

test('durations and queries are short', () => {
  assert.deepEqual([1.26, 12.6, 1260].map(duration), ['1.3 ms', '13 ms', '1.3 s']);
  assert.equal(shortened('package.json'), 'pckg.jsn');
});
