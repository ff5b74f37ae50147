/** The version this build reports: in the user agent, and behind `codex-cli ` for `--version`. */
export const VERSION = '0.100.0';

/** The release of codex whose requests to the model service ours are equal to; the service is told this one. */
export const UPSTREAM_DIALECT = '0.94.0';
