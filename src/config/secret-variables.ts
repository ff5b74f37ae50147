/** The variables that hold keys and tokens. In: the configuration. Out: names. Pure. */
import type { SecretVariableNames } from '../contract/effective-config.ts';
import type { ConfigEnvironment } from './environment.ts';
import type { StackLayer } from './layers.ts';
import { DEFAULT_PROVIDER_ID, providerNamed } from './providers.ts';
import type { ConfigToml } from './shape.ts';
import { isTable } from './toml.ts';

/**
 * Those of every provider and every MCP server, used or not. Only the user, but no project, decides which of them
 * commands get, by their exact names.
 */
export function secretVariablesOf(
  config: ConfigToml,
  layers: readonly StackLayer[],
  environment: ConfigEnvironment,
): SecretVariableNames {
  const builtIn = providerNamed(DEFAULT_PROVIDER_ID, undefined, environment);
  const entries = [...Object.values(config.model_providers ?? {}), ...Object.values(config.mcp_servers ?? {})];
  const hidden = [...new Set([...Object.values(builtIn.envHttpHeaders), ...entries.flatMap(namesInEntry)])];
  return { hidden, revealed: layers.filter(({ name }) => name.type !== 'project').reduce(revealedBy, []) };
}

/** Like any setting, the highest layer that has it counts. */
function revealedBy(below: readonly string[], { config }: StackLayer): readonly string[] {
  const policy = config.shell_environment_policy;
  const names = isTable(policy) ? policy.include_only : undefined;
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : below;
}

/** The variables whose values are sent to one provider or MCP server. */
export function namesInEntry(entry: Readonly<Record<string, unknown>>): readonly string[] {
  const { env_key: key, bearer_token_env_var: bearer, env_http_headers: headers } = entry;
  const named = [key, bearer, ...(typeof headers === 'object' && headers !== null ? Object.values(headers) : [])];
  return named.flatMap((name: unknown) => (typeof name === 'string' && name.trim() !== '' ? [name] : []));
}
