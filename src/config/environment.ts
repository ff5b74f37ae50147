/** What configuration takes from the process around it, passed in so that tests patch nothing. */
import type { Env } from '../base/paths.ts';
import { userHome } from '../base/paths.ts';
import { UPSTREAM_DIALECT } from '../base/version.ts';

export interface ConfigEnvironment {
  readonly variables: Env;
  readonly homeFolder: string;
  /** Where an administrator's files are; null on systems without such a folder. */
  readonly systemFolder: string | null;
  /** Sent as the `version` header of the built-in provider. */
  readonly serverVersion: string;
}

export function processEnvironment(variables: Env): ConfigEnvironment {
  return {
    variables,
    homeFolder: userHome(variables),
    systemFolder: process.platform === 'win32' ? null : '/etc/codex',
    serverVersion: UPSTREAM_DIALECT,
  };
}
