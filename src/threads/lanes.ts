/** Which requests keep their order among each other: those of one thread, of the account, of the configuration. */
import type { ApplicationMethod } from '../rpc/application.ts';

const ACCOUNT = 'account';
const CONFIG = 'config';

/** Requests that read or write configuration, so that each sees the writes before it. */
const CONFIG_METHODS: ReadonlySet<string> = new Set([
  'config/read',
  'config/value/write',
  'config/batchWrite',
  'config/mcpServer/reload',
  'configRequirements/read',
  'skills/config/write',
  'getUserSavedConfig',
  'setDefaultModel',
]);

const ACCOUNT_METHODS: ReadonlySet<string> = new Set([
  'loginApiKey',
  'loginChatGpt',
  'cancelLoginChatGpt',
  'logoutChatGpt',
  'getAuthStatus',
  'userInfo',
]);

export function lanesOf(method: ApplicationMethod, params: unknown): readonly string[] {
  const lanes: string[] = [];
  const threadId = threadIdOf(params);
  if (threadId !== null) lanes.push(`thread:${threadId}`);
  if (method.startsWith('account/') || ACCOUNT_METHODS.has(method)) lanes.push(ACCOUNT);
  if (CONFIG_METHODS.has(method)) lanes.push(CONFIG);
  return lanes;
}

function threadIdOf(params: unknown): string | null {
  if (typeof params !== 'object' || params === null) return null;
  const id = 'threadId' in params ? params.threadId : 'conversationId' in params ? params.conversationId : null;
  return typeof id === 'string' ? id.toLowerCase() : null;
}
