/**
 * The identity that the server reports. In: the environment, the machine and the client's introduction. Out: originator and user
 * agent. Holds what is constant for the process.
 */
import type { Logger } from '../base/log.ts';
import type { Env } from '../base/paths.ts';
import { isHeaderValue } from './header-value.ts';
import { type AskTmux, askedTerminalToken, terminalToken } from './terminal.ts';
import { formatUserAgent } from './user-agent.ts';

const DEFAULT_ORIGINATOR = 'codex_cli_rs';
const OVERRIDE_VARIABLE = 'CODEX_INTERNAL_ORIGINATOR_OVERRIDE';

interface Introduction {
  readonly name: string;
  readonly version: string;
}

export interface IdentityDeps {
  readonly env: Env;
  readonly version: string;
  readonly log: Logger;
  /** Name and version of the system; read once. */
  readonly system: () => string;
  readonly arch: () => string;
  readonly askTmux: AskTmux;
}

interface IdentityPair {
  readonly originator: string;
  readonly userAgent: string;
}

export interface IdentitySource {
  /** The identity before `initialize`, without the terminal. */
  readonly before: IdentityPair;
  /** From the environment only, so that no terminal can delay the answer to `initialize`. */
  of(client: Introduction): IdentityPair;
  /** With the terminal around tmux, for requests to the model service. Never rejects. */
  asked(client: Introduction): Promise<IdentityPair>;
}

export function createIdentity(deps: IdentityDeps): IdentitySource {
  const override = readOverride(deps);
  const parts = { version: deps.version, system: deps.system(), arch: deps.arch() };
  const originator = override ?? DEFAULT_ORIGINATOR;
  const pairOf = (client: Introduction, terminal: string): IdentityPair => {
    const own = override ?? client.name;
    return { originator: own, userAgent: formatUserAgent({ ...parts, originator: own, terminal, client }) };
  };
  return {
    before: { originator, userAgent: formatUserAgent({ ...parts, originator, terminal: 'unknown' }) },
    of: (client) => pairOf(client, terminalToken(deps.env)),
    asked: async (client) => pairOf(client, await askedTerminalToken(deps.env, deps.askTmux)),
  };
}

/** An empty override counts; one that is not valid in a header is replaced by the default. */
function readOverride({ env, log }: IdentityDeps): string | undefined {
  const override = env[OVERRIDE_VARIABLE];
  if (override === undefined || isHeaderValue(override)) return override;
  log.error('identity', 'illegal-originator-override', { variable: OVERRIDE_VARIABLE });
  return DEFAULT_ORIGINATOR;
}
