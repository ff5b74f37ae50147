/**
 * The configuration a server starts with. In: the process's flags and its files. Out: a configuration in any case,
 * and the warnings for the client right after `initialize`. Throws StartupError if not even the flags alone are
 * valid.
 */
import { StartupError } from '../base/errors.ts';
import type { EffectiveConfig, RuleFolder } from '../contract/effective-config.ts';
import type { ConfigWarningNotification } from '../protocol/config.ts';
import type { ConfigEnvironment } from './environment.ts';
import { ConfigError } from './errors.ts';
import { ignoredKeysWarnings } from './ignored-keys.ts';
import { type LayerStack, loadLayers } from './layers.ts';
import { type ConfigRequest, loadConfigAndLayers, loadDefaults } from './load.ts';
import { newerValues } from './newer.ts';
import { locateValue } from './toml-positions.ts';

const INVALID_CONFIG_SUMMARY = 'Invalid configuration; using defaults.';

export interface StartedConfig {
  readonly config: EffectiveConfig;
  /** In the order they are sent. */
  readonly warnings: readonly ConfigWarningNotification[];
}

/** `checkRules` gets the folders of rules at start, lowest precedence first. */
export async function loadAtStart(
  request: ConfigRequest,
  environment: ConfigEnvironment,
  checkRules: (folders: readonly RuleFolder[]) => Promise<readonly ConfigWarningNotification[]> = async () => [],
): Promise<StartedConfig> {
  try {
    const { config, stack } = await loadConfigAndLayers(request, environment);
    const rules = config.features.exec_policy ? await checkRules(config.ruleFolders) : [];
    const ignoredKeys = ignoredKeysWarnings(stack, request.codexHome);
    return { config, warnings: [...newerWarnings(stack), ...rules, ...ignoredKeys, ...disabledFoldersWarning(stack)] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const config = await loadDefaults(request, environment).catch((second: unknown) => {
      if (!(second instanceof ConfigError)) throw second;
      const text = `error loading default config after config error: ${second.message.trimEnd()}`;
      throw new StartupError(text, { cause: second });
    });
    const restrictions = await loginRestrictions(request, environment);
    return { config: { ...config, ...restrictions }, warnings: [invalidConfigWarning(error)] };
  }
}

type LoginRestrictions = Pick<
  EffectiveConfig,
  'forcedLoginMethod' | 'forcedChatgptWorkspaceId' | 'authCredentialsStore'
>;

/** Login restrictions hold even if another value makes the files unusable. Empty if they do not parse. */
async function loginRestrictions(
  { codexHome, cliOverrides }: ConfigRequest,
  environment: ConfigEnvironment,
): Promise<Partial<LoginRestrictions>> {
  const stack = await loadLayers({ codexHome, cwd: null, cliOverrides }, environment).catch(() => null);
  const { forced_login_method: method, forced_chatgpt_workspace_id: workspace, ...rest } = stack?.effective ?? {};
  const store = STORES.find((each) => each === rest.cli_auth_credentials_store);
  return {
    ...(method === 'chatgpt' || method === 'api' ? { forcedLoginMethod: method } : {}),
    ...(typeof workspace === 'string' && workspace.trim() !== '' ? { forcedChatgptWorkspaceId: workspace.trim() } : {}),
    ...(store === undefined ? {} : { authCredentialsStore: store }),
  };
}

const STORES = ['file', 'keyring', 'auto', 'ephemeral'] as const;

function invalidConfigWarning(error: ConfigError): ConfigWarningNotification {
  return {
    summary: INVALID_CONFIG_SUMMARY,
    details: error.message,
    ...(error.path === null || error.range === null ? {} : { path: error.path, range: error.range }),
  };
}

/** Values that later versions of codex write and this one ignores, each with its position. */
function newerWarnings({ layers }: LayerStack): readonly ConfigWarningNotification[] {
  return layers.flatMap(({ config, source, disabledReason }) => {
    if (source === null || disabledReason !== null) return [];
    return newerValues(config).map(({ path, what }) => ({
      summary: `Ignored in the configuration: ${what} is of a later version.`,
      details: null,
      path: source.path,
      range: locateValue(source.text, path),
    }));
  });
}

/** One text for all project folders whose config.toml is not used, outermost first. */
function disabledFoldersWarning({ layers }: LayerStack): readonly ConfigWarningNotification[] {
  const lines = layers
    .flatMap(({ name, disabledReason }) =>
      name.type === 'project' && disabledReason !== null ? [{ folder: name.dotCodexFolder, disabledReason }] : [],
    )
    .map(({ folder, disabledReason }, index) => `    ${index + 1}. ${folder}\n       ${disabledReason}\n`);
  if (lines.length === 0) return [];
  const lead = 'The config.toml of these project folders is not used; their skills and rules are.';
  return [{ summary: `${lead}\n${lines.join('')}`, details: null }];
}
