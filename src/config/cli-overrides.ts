/** `-c key=value` and `--enable NAME`: the checks that need no configuration. */
import { StartupError } from '../base/errors.ts';
import { isKnownFeature } from '../contract/feature-names.ts';

/** Dotted key and the text after the first `=`, both trimmed. */
export type CliOverride = readonly [key: string, rawValue: string];

/** Throws StartupError with the texts observed on codex app-server 0.94.0. */
export function splitOverride(argument: string): CliOverride {
  const equals = argument.indexOf('=');
  if (equals === -1) throw new StartupError(`error parsing -c overrides: Invalid override (missing '='): ${argument}`);
  const key = argument.slice(0, equals).trim();
  if (key === '') throw new StartupError(`error parsing -c overrides: Empty key in override: ${argument}`);
  return [key, argument.slice(equals + 1).trim()];
}

/**
 * `--enable` and `--disable` as overrides, to be appended to those of `-c`. Throws StartupError for an unknown name.
 */
export function featureOverrides(enable: readonly string[], disable: readonly string[]): readonly CliOverride[] {
  const unknown = [...enable, ...disable].find((name) => !isKnownFeature(name));
  if (unknown !== undefined) throw new StartupError(`Unknown feature flag: ${unknown}`);
  return [
    ...enable.map((name): CliOverride => [`features.${name}`, 'true']),
    ...disable.map((name): CliOverride => [`features.${name}`, 'false']),
  ];
}
