/** Builds the user agent. Pure. */
import { isHeaderValue } from './header-value.ts';

export interface UserAgentParts {
  readonly originator: string;
  readonly version: string;
  /** Name and version of the system, e.g. `Debian 12.0.0`. */
  readonly system: string;
  readonly arch: string;
  readonly terminal: string;
  /** The client from `initialize`; an overridden originator does not change its name. */
  readonly client?: { readonly name: string; readonly version: string };
}

/** `originator/version (system; arch) terminal (client; clientVersion)`, fit for an HTTP header. */
export function formatUserAgent(parts: UserAgentParts): string {
  const base = `${parts.originator}/${parts.version} (${parts.system}; ${parts.arch}) ${parts.terminal}`;
  const suffix = parts.client === undefined ? '' : `${parts.client.name}; ${parts.client.version}`.trim();
  const whole = suffix === '' ? base : `${base} (${suffix})`;
  return isHeaderValue(whole) ? whole : whole.replaceAll(/[^\u0020-\u007e]/gu, '_');
}
