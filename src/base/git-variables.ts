/**
 * Variables that keep git to what it is asked: nothing that a repository's settings name by a fixed key is started, nothing
 * is fetched, the index is not refreshed. Drivers, whose keys a repository chooses, cannot be switched off like this.
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

/** To be set over whatever variables there are. */
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
