/** The user's saved configuration: the files of this machine as written, without project layers and flags. */
import { messageOf } from '../base/errors.ts';
import type { ConfigEnvironment } from './environment.ts';
import { ConfigError } from './errors.ts';
import { loadLayers, typedConfig } from './layers.ts';
import type { ConfigToml } from './shape.ts';
import type { TomlTable } from './toml.ts';

export interface SavedConfigSource {
  readonly codexHome: string;
  readonly environment: ConfigEnvironment;
}

/**
 * Read again each time. Throws ConfigError: for an unreadable file with its position, for a wrong type with its key.
 */
export async function loadSavedConfig({ codexHome, environment }: SavedConfigSource): Promise<ConfigToml> {
  const { effective } = await readSaved(codexHome, environment);
  try {
    return typedConfig([], effective);
  } catch (error) {
    throw withContext('failed to parse config.toml', error);
  }
}

async function readSaved(codexHome: string, environment: ConfigEnvironment): Promise<{ effective: TomlTable }> {
  try {
    return await loadLayers({ codexHome, cwd: null, cliOverrides: [] }, environment);
  } catch (error) {
    throw withContext('failed to load configuration', error);
  }
}

const withContext = (what: string, error: unknown): ConfigError =>
  new ConfigError(error instanceof ConfigError ? error.fault : 'io', `${what}: ${messageOf(error)}`, { cause: error });
