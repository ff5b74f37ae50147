/** The version this build reports: in the user agent, and behind `codex-cli ` for `--version`. */
export const VERSION = '0.100.0';

/** The release of codex whose requests this server reproduces; sent to the model service. */
export const UPSTREAM_DIALECT = '0.94.0';
