// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what .env files put in looks the same
/** The file `.env` of a home, through the real process. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, type BoxOptions } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { stream } from '../support/model-server.ts';

const NAMES = ['FIRST', 'SECOND', 'THIRD', 'OUTER', 'CODEX_OWN'] as const;

/** What a turn's request says of the variables. */
async function seenUpstream(prepare: (box: Box) => void, env: BoxOptions['env'] = {}) {
  const headers = NAMES.map((name) => `"x-${name.toLowerCase()}" = "${name}"`).join(', ');
  const provider = `request_max_retries = 0\nstream_max_retries = 0\nenv_http_headers = { ${headers} }\n`;
  await using box = await Box.open({ provider, prepare, env: { OUTER: 'outer', ...env } });
  box.model.script(stream(says('ok')));
  await box.completed(await box.thread(), 'Hi');
  const sent = (await box.model.waitForRequest(1)).headers;
  const pairs = NAMES.map((name) => [name, sent[`x-${name.toLowerCase()}`]] as const);
  return { seen: Object.fromEntries(pairs.filter(([, value]) => value !== undefined)), log: box.client.server.stderr };
}

test('variables are read as codex reads them, and go before those of the environment', async () => {
  const lines = ['FIRST=a#b', "SECOND='it'\\''s'", 'THIRD=$FIRST-${OUTER} # said', 'OUTER=inner', 'CODEX_OWN=1', ''];
  const { seen } = await seenUpstream(({ home }) => writeFileSync(join(home, '.env'), lines.join('\n')));
  assert.deepEqual(seen, { FIRST: 'a#b', SECOND: "it's", THIRD: 'a#b-outer', OUTER: 'inner' });
});

test('a file that is no file, or too large, is named and holds nobody up', async () => {
  const makers = {
    'is a named pipe': (path: string) => execFileSync('mkfifo', [path]),
    'is a folder': (path: string) => execFileSync('mkdir', [path]),
    'is a device': (path: string) => execFileSync('ln', ['-s', '/dev/zero', path]),
    'is larger than': (path: string) => execFileSync('truncate', ['-s', '1T', path]),
  };
  for (const [reason, make] of Object.entries(makers)) {
    const { seen, log } = await seenUpstream(({ home }) => void make(join(home, '.env')));
    assert.deepEqual(seen, { OUTER: 'outer' });
    assert.match(log, new RegExp(`"env-file".*${reason}`));
  }
});

test('lines that are not understood are named by their number, never by their text', async () => {
  const write = ({ home }: Box): void => writeFileSync(join(home, '.env'), 'FIRST=1\nSECOND=very secret\nTHIRD=3\n');
  const { seen, log } = await seenUpstream(write, { SHARDEX_LOG: 'warn' });
  assert.deepEqual(seen, { FIRST: '1', THIRD: '3', OUTER: 'outer' });
  assert.match(log, /"env-file".*\[2\]/);
  assert.doesNotMatch(log, /secret/);
});
