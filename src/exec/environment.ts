// The environment of a command: which of the server's variables it gets, and the marker of its sandbox.
import type { Env } from '../base/paths.ts';
import { isOwnSecret } from '../base/secret-variables.ts';
import type { SandboxPolicy } from '../protocol/policies.ts';

export interface EnvironmentPolicy {
  readonly inherit: 'all' | 'core' | 'none';
  /** If false, variables whose names look like credentials are dropped. */
  readonly ignoreDefaultExcludes: boolean;
  readonly exclude: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  /** Empty: no further restriction. */
  readonly includeOnly: readonly string[];
}

// The three lists: observed on codex app-server 0.94.0.
const CORE_NAMES = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'USER', 'USERNAME', 'TMPDIR', 'TEMP', 'TMP'];
const CREDENTIAL_NAMES = ['*KEY*', '*SECRET*', '*TOKEN*'];
/** Set to 1 for a command without network. */
export const NETWORK_DISABLED = 'CODEX_SANDBOX_NETWORK_DISABLED';

/** Variables of the server that hold keys and tokens, besides those with well-known names. Case-insensitive. */
interface SecretVariables {
  readonly hidden: readonly string[];
  /** Names of secrets that commands get nevertheless. */
  readonly revealed: readonly string[];
}

const NO_SECRETS: SecretVariables = { hidden: [], revealed: [] };

export interface CommandEnvironmentOptions {
  readonly policy: EnvironmentPolicy;
  readonly sandbox: SandboxPolicy;
  readonly secrets?: SecretVariables;
  readonly platform?: NodeJS.Platform;
}

/**
 * The variables of a command: those of the server without its secrets. The policy's steps apply in order: inherit,
 * default excludes, `exclude`, `set`, `includeOnly`. The network marker is always added, because it is a fact about
 * the turn.
 */
export function commandEnvironment(server: Env, options: CommandEnvironmentOptions): Record<string, string> {
  const { policy, sandbox, secrets = NO_SECRETS, platform = process.platform } = options;
  const isHidden = secretsOf(secrets);
  let entries = Object.entries(server).filter((entry): entry is [string, string] => entry[1] !== undefined);
  entries = entries.filter(([name]) => !isHidden(name));
  entries = entries.filter(([name]) => INHERITS[policy.inherit](name, platform));
  if (!policy.ignoreDefaultExcludes) entries = without(entries, CREDENTIAL_NAMES);
  entries = without(entries, policy.exclude);
  const merged = new Map([...entries, ...Object.entries(policy.set)]);
  const isKept = policy.includeOnly.length === 0 ? () => true : matcher(policy.includeOnly);
  const kept = [...merged].filter(([name]) => isKept(name));
  if (!hasNetwork(sandbox)) kept.push([NETWORK_DISABLED, '1']);
  return Object.fromEntries(kept);
}

function secretsOf({ hidden, revealed }: SecretVariables): (name: string) => boolean {
  const [out, back] = [hidden, revealed].map((names) => new Set(names.map((name) => name.toUpperCase())));
  return (name) =>
    back?.has(name.toUpperCase()) !== true && (out?.has(name.toUpperCase()) === true || isOwnSecret(name));
}

/** Whether the policy gives a command access to the network. */
export function hasNetwork(sandbox: SandboxPolicy): boolean {
  switch (sandbox.type) {
    case 'dangerFullAccess':
      return true;
    case 'readOnly':
      return false;
    case 'externalSandbox':
      return sandbox.networkAccess === 'enabled';
    case 'workspaceWrite':
      return sandbox.networkAccess;
  }
}

type Inherits = (name: string, platform: NodeJS.Platform) => boolean;

const INHERITS: { readonly [K in EnvironmentPolicy['inherit']]: Inherits } = {
  all: () => true,
  core: (name, platform) => CORE_NAMES.includes(platform === 'win32' ? name.toUpperCase() : name),
  none: () => false,
};

function without(entries: [string, string][], patterns: readonly string[]): [string, string][] {
  const isDropped = matcher(patterns);
  return entries.filter(([name]) => !isDropped(name));
}

/** Matches whole names, case-insensitive; `*` matches any text and `?` one character. */
function matcher(patterns: readonly string[]): (name: string) => boolean {
  const wanted = patterns.map((pattern) => [...pattern.toUpperCase()]);
  return (name) => wanted.some((pattern) => fits([...name.toUpperCase()], pattern));
}

/** Backtracks only to the latest star, so the time is bounded by the product of the lengths. */
function fits(name: readonly string[], pattern: readonly string[]): boolean {
  let [at, of, star, starAt] = [0, 0, -1, 0];
  while (at < name.length) {
    if (pattern[of] === '*') [star, starAt, of] = [of, at, of + 1];
    else if (of < pattern.length && (pattern[of] === '?' || pattern[of] === name[at])) [at, of] = [at + 1, of + 1];
    else if (star !== -1) [at, of, starAt] = [starAt + 1, star + 1, starAt + 1];
    else return false;
  }
  return pattern.slice(of).every((char) => char === '*');
}
