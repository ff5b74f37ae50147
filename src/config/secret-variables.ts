/** Which variables hold keys and tokens. In: the configuration. Out: names. Pure. */
import type { ConfigEnvironment } from './environment.ts';
import { DEFAULT_PROVIDER_ID, providerNamed } from './providers.ts';
import type { ConfigToml } from './shape.ts';

/** Those of every provider and every server of tools, in use or not. */
export function secretVariablesOf(config: ConfigToml, environment: ConfigEnvironment): readonly string[] {
  const builtIn = providerNamed(DEFAULT_PROVIDER_ID, undefined, environment);
  const entries = [...Object.values(config.model_providers ?? {}), ...Object.values(config.mcp_servers ?? {})];
  return [...new Set([...Object.values(builtIn.envHttpHeaders), ...entries.flatMap(namesInEntry)])];
}

/** The variables whose values one provider, or one server of tools, is sent. */
export function namesInEntry(entry: Readonly<Record<string, unknown>>): readonly string[] {
  const { env_key: key, bearer_token_env_var: bearer, env_http_headers: headers } = entry;
  const named = [key, bearer, ...(typeof headers === 'object' && headers !== null ? Object.values(headers) : [])];
  return named.flatMap((name: unknown) => (typeof name === 'string' && name.trim() !== '' ? [name] : []));
}
