import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHeaderValue } from '../../src/identity/header-value.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import { normalizeVersion, systemFromOsRelease, systemFromPlist } from '../../src/identity/os-release.ts';
import { askedTerminalToken, terminalToken } from '../../src/identity/terminal.ts';
import { formatUserAgent } from '../../src/identity/user-agent.ts';
import { silentLogger } from '../support/silent-logger.ts';

const PARTS = { originator: 'probe', version: '0.100.0', system: 'Debian 12.0.0', arch: 'x86_64', terminal: 'unknown' };

test('the user agent names originator, system, terminal and client', () => {
  const client = { name: 'probe', version: '1.2.3' };
  assert.equal(formatUserAgent({ ...PARTS, client }), 'probe/0.100.0 (Debian 12.0.0; x86_64) unknown (probe; 1.2.3)');
  assert.equal(formatUserAgent(PARTS), 'probe/0.100.0 (Debian 12.0.0; x86_64) unknown');
});

test('the client part is trimmed as a whole', () => {
  const suffix = (name: string, version: string): string =>
    formatUserAgent({ ...PARTS, client: { name, version } }).split('unknown ')[1] ?? '';
  assert.equal(suffix('', ''), '(;)');
  assert.equal(suffix(' a', 'b '), '(a; b)');
});

test('a user agent that no header can hold keeps its printable ASCII only', () => {
  const client = { name: 'é', version: '1\n2😀' };
  assert.ok(formatUserAgent({ ...PARTS, client }).endsWith('(_; 1_2_)'));
  assert.ok(formatUserAgent({ ...PARTS, client: { name: 'é', version: '1' } }).endsWith('(é; 1)'));
});

test('a header value has no control characters but TAB', () => {
  for (const text of ['', ' x ', 'a\tb', 'é', '日本']) assert.ok(isHeaderValue(text), JSON.stringify(text));
  for (const text of ['a\rb', 'a\n', '\0', '\x7f', '\x1f']) assert.ok(!isHeaderValue(text), JSON.stringify(text));
});

test('numeric versions of up to three parts become three integers, others stay', () => {
  const cases = {
    '12': '12.0.0',
    '22.04': '22.4.0',
    '007.08': '7.8.0',
    '1.2.3': '1.2.3',
    '1.2.3.4': '1.2.3.4',
    testing: 'testing',
  };
  for (const [version, normalized] of Object.entries(cases)) assert.equal(normalizeVersion(version), normalized);
});

test('the system comes from os-release', () => {
  assert.equal(systemFromOsRelease('NAME="x"\nID=debian\nVERSION_ID="12"\n'), 'Debian 12.0.0');
  assert.equal(systemFromOsRelease('VERSION_ID="15.5"\nID="opensuse-leap"\n'), 'openSUSE 15.5.0');
  assert.equal(systemFromOsRelease('ID=arch\nBUILD_ID=rolling\n'), 'Arch Linux Unknown');
  for (const text of ['', 'ID=foo\nVERSION_ID=1\n', 'ID=constructor\n']) {
    assert.equal(systemFromOsRelease(text), 'Linux Unknown');
  }
  assert.equal(systemFromPlist('<key>ProductVersion</key>\n\t<string>14.5</string>'), 'Mac OS 14.5.0');
});

test('the terminal is the first mark in the environment', () => {
  const token = (env: Record<string, string>) => terminalToken(env);
  assert.equal(token({}), 'unknown');
  assert.equal(token({ TERM: 'xterm-256color' }), 'xterm-256color');
  assert.equal(token({ TERM_PROGRAM: 'vscode', TERM_PROGRAM_VERSION: '1.9', WEZTERM_VERSION: '2' }), 'vscode/1.9');
  assert.equal(token({ WEZTERM_VERSION: '2024', TERM: 'x' }), 'WezTerm/2024');
  assert.equal(token({ ITERM_PROFILE: '' }), 'iTerm.app');
  assert.equal(token({ TERM_SESSION_ID: 'x' }), 'Apple_Terminal');
  assert.equal(token({ TERM: 'xterm-kitty', VTE_VERSION: '1' }), 'kitty');
  assert.equal(token({ TERM: 'alacritty' }), 'Alacritty');
  assert.equal(token({ KONSOLE_VERSION: '230804' }), 'Konsole/230804');
  assert.equal(token({ GNOME_TERMINAL_SCREEN: '/x', VTE_VERSION: '7' }), 'gnome-terminal');
  assert.equal(token({ VTE_VERSION: '7200' }), 'VTE/7200');
  assert.equal(token({ WT_SESSION: 'x' }), 'WindowsTerminal');
  assert.equal(token({ TERM_PROGRAM: 'my term(1)' }), 'my_term_1_');
});

test('inside tmux the terminal behind it is named, else tmux itself', async () => {
  const env = { TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.4', TMUX: '/tmp/x' };
  assert.equal(await askedTerminalToken(env, async () => 'iTerm2 3.6.6\n'), 'iTerm2/3.6.6');
  assert.equal(await askedTerminalToken(env, async () => undefined), 'tmux/3.4');
  assert.equal(terminalToken(env), 'tmux/3.4');
});

test('the originator is the client name unless the environment overrides it', () => {
  const identity = (env: Record<string, string>) =>
    createIdentity({
      env,
      version: '0.100.0',
      log: silentLogger,
      system: () => 'S 1',
      arch: () => 'a',
      askTmux: async () => undefined,
    });
  const of = (env: Record<string, string>) => identity(env).of({ name: 'ide', version: '2' });
  const variable = 'CODEX_INTERNAL_ORIGINATOR_OVERRIDE';
  assert.equal(identity({}).before.originator, 'codex_cli_rs');
  assert.deepEqual(of({}), { originator: 'ide', userAgent: 'ide/0.100.0 (S 1; a) unknown (ide; 2)' });
  assert.deepEqual(of({ [variable]: 'x' }), {
    originator: 'x',
    userAgent: 'x/0.100.0 (S 1; a) unknown (ide; 2)',
  });
  assert.equal(of({ [variable]: '' }).originator, '');
  assert.equal(of({ [variable]: 'a\nb' }).originator, 'codex_cli_rs');
});
