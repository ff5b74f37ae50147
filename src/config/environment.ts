/** The process environment of a configuration, passed in so that tests need no patches. */
import type { Env } from '../base/paths.ts';
import { userHome } from '../base/paths.ts';
import { UPSTREAM_DIALECT } from '../base/version.ts';

export interface ConfigEnvironment {
  readonly variables: Env;
  readonly homeFolder: string;
  /** Folder of the administrator's files; null on systems without one. */
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
