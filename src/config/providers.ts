/** Model providers: the built-in ones and those of config.toml. Defaults as observed on codex app-server 0.94.0. */
import type { Deprecation, EffectiveConfig, ProviderConfig } from '../contract/effective-config.ts';
import type { ConfigEnvironment } from './environment.ts';
import { ConfigError } from './errors.ts';
import type { ConfigToml, ProviderToml } from './shape.ts';

const DEFAULT_REQUEST_RETRIES = 4;
const DEFAULT_STREAM_RETRIES = 5;
const MAX_RETRIES = 100;
const DEFAULT_IDLE_TIMEOUT_MS = 300_000;
const OLLAMA_PORT = 11_434;
const LMSTUDIO_PORT = 1234;

export const DEFAULT_PROVIDER_ID = 'openai';

const chatWireDeprecation: Deprecation = {
  summary: 'The "chat" wire API is deprecated: set wire_api = "responses" in this provider\'s definition.',
  details: null,
};

const base: Omit<ProviderConfig, 'id' | 'name' | 'baseUrl'> = {
  wireApi: 'responses',
  envKey: null,
  envKeyInstructions: null,
  bearerToken: null,
  requiresOpenaiAuth: false,
  queryParams: {},
  httpHeaders: {},
  envHttpHeaders: {},
  requestMaxRetries: DEFAULT_REQUEST_RETRIES,
  streamMaxRetries: DEFAULT_STREAM_RETRIES,
  streamIdleTimeoutMs: DEFAULT_IDLE_TIMEOUT_MS,
  isBuiltIn: true,
};

const nonBlank = (text: string | undefined): string | null =>
  text === undefined || text.trim() === '' ? null : text.trim();

function builtIns(environment: ConfigEnvironment): readonly ProviderConfig[] {
  const { variables, serverVersion } = environment;
  const local = (defaultPort: number): string => {
    const port = Number(variables.CODEX_OSS_PORT);
    const usable = Number.isInteger(port) && port > 0 && port <= 65_535 ? port : defaultPort;
    return nonBlank(variables.CODEX_OSS_BASE_URL) ?? `http://localhost:${usable}/v1`;
  };
  return [
    {
      ...base,
      id: DEFAULT_PROVIDER_ID,
      name: 'OpenAI',
      baseUrl: nonBlank(variables.OPENAI_BASE_URL),
      requiresOpenaiAuth: true,
      httpHeaders: { version: serverVersion },
      envHttpHeaders: { 'OpenAI-Organization': 'OPENAI_ORGANIZATION', 'OpenAI-Project': 'OPENAI_PROJECT' },
    },
    { ...base, id: 'ollama', name: 'gpt-oss', baseUrl: local(OLLAMA_PORT) },
    { ...base, id: 'ollama-chat', name: 'gpt-oss', baseUrl: local(OLLAMA_PORT), wireApi: 'chat' },
    { ...base, id: 'lmstudio', name: 'gpt-oss', baseUrl: local(LMSTUDIO_PORT) },
  ];
}

const fromToml = (id: string, toml: ProviderToml): ProviderConfig => ({
  id,
  name: toml.name,
  baseUrl: toml.base_url ?? null,
  wireApi: toml.wire_api ?? 'chat',
  envKey: toml.env_key ?? null,
  envKeyInstructions: toml.env_key_instructions ?? null,
  bearerToken: toml.experimental_bearer_token ?? null,
  requiresOpenaiAuth: toml.requires_openai_auth ?? false,
  queryParams: toml.query_params ?? {},
  httpHeaders: toml.http_headers ?? {},
  envHttpHeaders: toml.env_http_headers ?? {},
  requestMaxRetries: Math.min(toml.request_max_retries ?? DEFAULT_REQUEST_RETRIES, MAX_RETRIES),
  streamMaxRetries: Math.min(toml.stream_max_retries ?? DEFAULT_STREAM_RETRIES, MAX_RETRIES),
  streamIdleTimeoutMs: toml.stream_idle_timeout_ms ?? DEFAULT_IDLE_TIMEOUT_MS,
  isBuiltIn: false,
});

/** Appends the notice about the older wire API to the first configuration of a process that uses it. */
export class ChatWireNotice {
  #sent = false;

  addTo(config: EffectiveConfig): EffectiveConfig {
    if (this.#sent || config.provider.wireApi !== 'chat') return config;
    this.#sent = true;
    return { ...config, deprecations: [...config.deprecations, chatWireDeprecation] };
  }
}

/** Whether a provider's address is that of the vendor, by default or explicitly. */
export function isVendorAddress({ baseUrl }: ProviderConfig): boolean {
  if (baseUrl === null || !URL.canParse(baseUrl)) return true;
  return /(?:^|\.)(?:openai|chatgpt)\.com$/.test(new URL(baseUrl).hostname.replace(/\.$/, ''));
}

/** The provider with this id; a built-in one takes precedence over a definition. Throws ConfigError. */
export function providerNamed(
  id: string,
  defined: ConfigToml['model_providers'],
  environment: ConfigEnvironment,
): ProviderConfig {
  const builtIn = builtIns(environment).find((provider) => provider.id === id);
  if (builtIn !== undefined) return builtIn;
  const own = new Map(Object.entries(defined ?? {})).get(id);
  if (own === undefined) throw new ConfigError('value', `Model provider \`${id}\` not found`);
  return fromToml(id, own);
}
