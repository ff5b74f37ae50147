/** Which requests keep their order among each other: those of one thread, of the account, of the configuration. */
import { parseUuid } from '../base/ids.ts';
import type { ApplicationMethod } from '../rpc/application.ts';
import type { Lane } from '../rpc/lanes.ts';

/** The id in the name of a rollout file. */
const FILE_ID = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/i;

const ACCOUNT = 'account';
const CONFIG = 'config';

/** Requests that change what is configured. */
const CONFIG_WRITERS: ReadonlySet<ApplicationMethod> = new Set<ApplicationMethod>([
  'config/value/write',
  'config/batchWrite',
  'config/mcpServer/reload',
  'skills/config/write',
  'setDefaultModel',
]);

/** Requests that go by what is configured: each sees the changes before it, and none of those behind it. */
const CONFIG_READERS: ReadonlySet<ApplicationMethod> = new Set<ApplicationMethod>([
  'config/read',
  'configRequirements/read',
  'skills/list',
  'thread/start',
  'thread/resume',
  'thread/fork',
  'getUserSavedConfig',
  'newConversation',
  'resumeConversation',
  'forkConversation',
]);

const ACCOUNT_METHODS: ReadonlySet<string> = new Set([
  'loginApiKey',
  'loginChatGpt',
  'cancelLoginChatGpt',
  'logoutChatGpt',
  'getAuthStatus',
  'userInfo',
]);

export function lanesOf(method: ApplicationMethod, params: unknown): readonly Lane[] {
  const lanes = new Set<Lane>(threadIdsOf(params).map((id) => `thread:${id}`));
  if (method.startsWith('account/') || ACCOUNT_METHODS.has(method)) lanes.add(ACCOUNT);
  if (CONFIG_WRITERS.has(method)) lanes.add(CONFIG);
  if (CONFIG_READERS.has(method)) lanes.add({ shared: CONFIG });
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
