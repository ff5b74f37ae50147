/**
 * Variables that restrict git: it starts no program that a repository's settings name by a fixed key, fetches nothing and does not
 * refresh the index. Drivers have keys that a repository chooses, so variables cannot disable them.
 */
const SETTINGS: readonly (readonly [key: string, value: string])[] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.pager', 'cat'],
  ['core.sshCommand', 'false'],
  ['core.askPass', 'false'],
  ['credential.helper', ''],
  ['diff.autoRefreshIndex', 'false'],
  ['gpg.program', 'false'],
  ['gpg.openpgp.program', 'false'],
  ['gpg.ssh.program', 'false'],
  ['gpg.x509.program', 'false'],
  ['log.showSignature', 'false'],
  ['protocol.allow', 'never'],
  // A folder of a work tree that looks like a repository is one only to whoever put it there.
  ['safe.bareRepository', 'explicit'],
  ['submodule.recurse', 'false'],
];

/** Overrides for any environment. */
export const HARMLESS_GIT: Readonly<Record<string, string>> = {
  // Also read by a git that does not know GIT_CONFIG_COUNT.
  GIT_CONFIG_PARAMETERS: SETTINGS.map(([key, value]) => `'${key}=${value}'`).join(' '),
  GIT_ALLOW_PROTOCOL: '',
  GIT_NO_LAZY_FETCH: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_PAGER: 'cat',
  GIT_TERMINAL_PROMPT: '0',
};

/** Where the user's own settings of git are. */
const USER_VARIABLES = ['HOME', 'XDG_CONFIG_HOME', 'USERPROFILE', 'SYSTEMROOT'];

/** The whole environment of a git that we start ourselves, from the server's. */
export const ownGitEnvironment = (env: Readonly<Record<string, string | undefined>>): Record<string, string> => ({
  ...Object.fromEntries(USER_VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
  LC_ALL: 'C',
  PATH: '/usr/bin:/bin',
  ...HARMLESS_GIT,
});
