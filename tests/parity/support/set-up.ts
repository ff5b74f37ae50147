/** The configuration that a conversation starts from, as config.toml. */

export interface SetUp {
  readonly model?: string;
  readonly approvalPolicy?: string;
  readonly sandboxMode?: string;
  /** Keys of config.toml before its tables. */
  readonly top?: string;
  readonly tables?: string;
  readonly features?: Readonly<Record<string, boolean>>;
  /** Further keys of the provider; without it there are no retries. */
  readonly provider?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export function configToml(baseUrl: string, setUp: SetUp): string {
  const { model = 'some-model', approvalPolicy = 'never', sandboxMode = 'danger-full-access', top = '' } = setUp;
  const { provider = 'request_max_retries = 0\nstream_max_retries = 0', tables = '' } = setUp;
  const features = Object.entries({ remote_models: false, ...setUp.features });
  return `model = "${model}"
model_provider = "local"
approval_policy = "${approvalPolicy}"
sandbox_mode = "${sandboxMode}"
suppress_unstable_features_warning = true
${top}
[features]
${features.map(([name, on]) => `${name} = ${on}`).join('\n')}
[model_providers.local]
name = "Local"
base_url = "${baseUrl}"
wire_api = "responses"
${provider}
${tables}
`;
}
