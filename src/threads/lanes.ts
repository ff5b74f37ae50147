/** Which requests keep their order among each other: those of one thread, of the account, of the configuration. */
import { parseUuid } from '../base/ids.ts';
import type { ApplicationMethod } from '../rpc/application.ts';

/** The id in the name of a rollout file. */
const FILE_ID = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/i;

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
  const lanes = new Set(threadIdsOf(params).map((id) => `thread:${id}`));
  if (method.startsWith('account/') || ACCOUNT_METHODS.has(method)) lanes.add(ACCOUNT);
  if (CONFIG_METHODS.has(method)) lanes.add(CONFIG);
  return [...lanes];
}

/** Members that name a thread, by its id or by its file, whose name ends in the id. */
const THREAD_MEMBERS = ['threadId', 'conversationId', 'path', 'rolloutPath'];

/** In one spelling, so that requests that name a thread in different ways keep their order. */
function threadIdsOf(params: unknown): string[] {
  if (typeof params !== 'object' || params === null) return [];
  const members = new Map<string, unknown>(Object.entries(params));
  return THREAD_MEMBERS.flatMap((name) => {
    const value = members.get(name);
    if (typeof value !== 'string') return [];
    const parsed = parseUuid(FILE_ID.exec(value)?.[1] ?? value);
    return parsed.ok ? [parsed.value] : [];
  });
}
