/** Differences of Azure deployments of the API. */
import type { ProviderConfig } from '../contract/effective-config.ts';

/** Markers of an Azure deployment in an address. Observed on codex app-server 0.94.0. */
const AZURE_MARKERS = [
  'openai.azure.',
  'cognitiveservices.azure.',
  'aoai.azure.',
  'azure-api.',
  'azurefd.',
  'windows.net/openai',
];

/** Azure stores what it gets: such requests send `store: true` and keep the ids of items. */
export function isAzure(provider: ProviderConfig): boolean {
  if (provider.name.toLowerCase() === 'azure') return true;
  const address = provider.baseUrl?.toLowerCase() ?? '';
  return AZURE_MARKERS.some((marker) => address.includes(marker));
}
