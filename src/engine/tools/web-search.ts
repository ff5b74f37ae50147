/** Web search: offered here, done by the model service. */
import { webSearchMode } from '../../contract/turn-settings.ts';
import type { ToolSet } from './tool.ts';

export const webSearchTools: ToolSet = {
  offer: ({ sandboxPolicy }, { webSearch }) => {
    const mode = webSearchMode(webSearch, sandboxPolicy);
    return mode === 'disabled' ? [] : [{ type: 'web_search', external_web_access: mode === 'live' }];
  },
  tools: [],
};
