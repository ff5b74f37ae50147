/** The version this build reports: in the user agent, and behind `codex-cli ` for `--version`. */
export const VERSION = '0.100.0';
