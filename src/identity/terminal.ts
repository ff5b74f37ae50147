/**
 * The terminal that the process was started from, as one word of the user agent. In: the environment. Out: `name` or
 * `name/version`. The order of the markers was observed on codex app-server 0.94.0. No state.
 */
import type { Env } from '../base/paths.ts';

/** Asks tmux for the terminal around it, e.g. `iTerm2 3.6.6`; undefined if unknown. */
export type AskTmux = () => Promise<string | undefined>;

interface Marker {
  /** Any of these variables identifies the terminal. */
  readonly variables: readonly string[];
  readonly name: string;
  /** Whether the variable's value is the version. */
  readonly versioned: boolean;
}

const plain = (name: string, ...variables: string[]): Marker => ({ name, variables, versioned: false });
const versioned = (name: string, variable: string): Marker => ({ name, variables: [variable], versioned: true });

const MARKERS_BEFORE_KITTY: readonly Marker[] = [
  versioned('WezTerm', 'WEZTERM_VERSION'),
  plain('iTerm.app', 'ITERM_SESSION_ID', 'ITERM_PROFILE', 'ITERM_PROFILE_NAME'),
  plain('Apple_Terminal', 'TERM_SESSION_ID'),
];
const MARKERS_AFTER_ALACRITTY: readonly Marker[] = [
  versioned('Konsole', 'KONSOLE_VERSION'),
  plain('gnome-terminal', 'GNOME_TERMINAL_SCREEN'),
  versioned('VTE', 'VTE_VERSION'),
  plain('WindowsTerminal', 'WT_SESSION'),
];

const withVersion = (name: string, version: string | undefined): string =>
  version === undefined || version === '' ? name : `${name}/${version}`;

function firstMarker(markers: readonly Marker[], env: Env): string | undefined {
  for (const marker of markers) {
    const variable = marker.variables.find((name) => env[name] !== undefined);
    if (variable !== undefined) return withVersion(marker.name, marker.versioned ? env[variable] : undefined);
  }
  return undefined;
}

/** The terminal according to the environment. */
function fromEnvironment(env: Env): string {
  const early = firstMarker(MARKERS_BEFORE_KITTY, env);
  if (early !== undefined) return early;
  if (env.KITTY_WINDOW_ID !== undefined || env.TERM?.includes('kitty') === true) return 'kitty';
  if (env.ALACRITTY_SOCKET !== undefined || env.TERM === 'alacritty') return 'Alacritty';
  const late = firstMarker(MARKERS_AFTER_ALACRITTY, env);
  if (late !== undefined) return late;
  return env.TERM === undefined || env.TERM === '' ? 'unknown' : env.TERM;
}

/** Replaces characters that are not allowed in a user agent by `_`. */
const asWord = (terminal: string): string => terminal.replaceAll(/[^A-Za-z0-9\-_./]/g, '_');

/** The word for the user agent, from the environment alone. */
export function terminalToken(env: Env): string {
  const program = env.TERM_PROGRAM;
  const isNamed = program !== undefined && program.trim() !== '';
  return asWord(isNamed ? withVersion(program, env.TERM_PROGRAM_VERSION) : fromEnvironment(env));
}

/** The same; inside tmux it names the terminal around tmux, if known. */
export async function askedTerminalToken(env: Env, askTmux: AskTmux): Promise<string> {
  const isInTmux = env.TERM_PROGRAM?.toLowerCase() === 'tmux' && (env.TMUX ?? env.TMUX_PANE) !== undefined;
  const [name = '', version] = isInTmux ? ((await askTmux()) ?? '').trim().split(/\s+/) : [];
  return name === '' ? terminalToken(env) : asWord(withVersion(name, version));
}
