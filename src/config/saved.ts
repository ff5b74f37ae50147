/** What the user has saved: the configuration files of this machine as they are written, without a project's and without flags. */
import { messageOf } from '../base/errors.ts';
import type { ConfigEnvironment } from './environment.ts';
import { ConfigError } from './errors.ts';
import { loadLayers, typedConfig } from './layers.ts';
import type { ConfigToml } from './shape.ts';
import type { TomlTable } from './toml.ts';

export interface SavedConfigPlaces {
  readonly codexHome: string;
  readonly environment: ConfigEnvironment;
}

/** Read anew each time. Throws ConfigError: what cannot be read is told with its place, a wrong type with its key. */
export async function loadSavedConfig({ codexHome, environment }: SavedConfigPlaces): Promise<ConfigToml> {
  const { effective } = await readSaved(codexHome, environment);
  try {
    return typedConfig([], effective);
  } catch (error) {
    throw worded('failed to parse config.toml', error);
  }
}

async function readSaved(codexHome: string, environment: ConfigEnvironment): Promise<{ effective: TomlTable }> {
  try {
    return await loadLayers({ codexHome, cwd: null, cliOverrides: [] }, environment);
  } catch (error) {
    throw worded('failed to load configuration', error);
  }
}

const worded = (what: string, error: unknown): ConfigError =>
  new ConfigError(error instanceof ConfigError ? error.fault : 'io', `${what}: ${messageOf(error)}`, { cause: error });
