/** Azure deployments of the API differ in what they want to be sent. */
import type { ProviderConfig } from '../contract/effective-config.ts';

/** What marks an Azure deployment in an address. Observed on codex app-server 0.94.0. */
const AZURE_MARKS = [
  'openai.azure.',
  'cognitiveservices.azure.',
  'aoai.azure.',
  'azure-api.',
  'azurefd.',
  'windows.net/openai',
];

/** Azure keeps what it is sent: such requests say `store: true` and give items their ids back. */
export function isAzure(provider: ProviderConfig): boolean {
  if (provider.name.toLowerCase() === 'azure') return true;
  const address = provider.baseUrl?.toLowerCase() ?? '';
  return AZURE_MARKS.some((mark) => address.includes(mark));
}
