/** Values of the older protocol to those of the second one, and back. Pure. */
import type { UserInput } from '../../protocol/items.ts';
import type { ConversationSummary, InputItem, NewConversationParams } from '../../protocol/legacy/conversations.ts';
import type { SandboxPolicy as LegacyPolicy } from '../../protocol/legacy/core.ts';
import type { SandboxPolicy } from '../../protocol/policies.ts';
import type { StoredGit } from '../../rollout/entries.ts';
import type { ThreadSummary } from '../../rollout/head.ts';
import { legacySourceOf } from '../../rollout/thread.ts';
import type { ThreadRequest } from '../../threads/lifecycle.ts';

/** Absent params are the server's own configuration. */
export function requestOf(params: NewConversationParams | null | undefined): ThreadRequest {
  return {
    cwd: params?.cwd ?? undefined,
    config: params?.config ?? undefined,
    typed: {
      model: params?.model ?? undefined,
      modelProvider: params?.modelProvider ?? undefined,
      profile: params?.profile ?? undefined,
      approvalPolicy: params?.approvalPolicy ?? undefined,
      sandboxMode: params?.sandbox ?? undefined,
      baseInstructions: params?.baseInstructions ?? undefined,
      developerInstructions: params?.developerInstructions ?? undefined,
      compactPrompt: params?.compactPrompt ?? undefined,
      includeApplyPatchTool: params?.includeApplyPatchTool ?? undefined,
    },
    subscribe: false,
    noun: 'conversation',
    includeTurns: false,
    includeMessages: false,
  };
}

export function inputOf(item: InputItem): UserInput {
  switch (item.type) {
    case 'text': {
      const elements = item.data.text_elements.map(({ byteRange, placeholder }) => ({ byteRange, placeholder }));
      return { type: 'text', text: item.data.text, text_elements: elements };
    }
    case 'image':
      return { type: 'image', url: item.data.image_url };
    case 'localImage':
      return { type: 'localImage', path: item.data.path };
  }
}

export function policyOf(policy: LegacyPolicy): SandboxPolicy {
  switch (policy.type) {
    case 'danger-full-access':
      return { type: 'dangerFullAccess' };
    case 'read-only':
      return { type: 'readOnly' };
    case 'external-sandbox':
      return { type: 'externalSandbox', networkAccess: policy.network_access };
    case 'workspace-write':
      return {
        type: 'workspaceWrite',
        writableRoots: policy.writable_roots ?? [],
        networkAccess: policy.network_access,
        excludeTmpdirEnvVar: policy.exclude_tmpdir_env_var,
        excludeSlashTmp: policy.exclude_slash_tmp,
      };
  }
}

/** Members in the order of the wire. */
export function summaryOf(thread: ThreadSummary, defaultProvider: string): ConversationSummary {
  const { meta } = thread;
  return {
    conversationId: meta.id,
    path: thread.path,
    preview: thread.preview ?? '',
    timestamp: meta.timestamp === '' ? null : meta.timestamp,
    updatedAt: wholeSeconds(thread.updatedAtMs),
    modelProvider: meta.model_provider ?? defaultProvider,
    cwd: meta.cwd,
    cliVersion: meta.cli_version,
    source: legacySourceOf(meta.source),
    gitInfo: meta.git === undefined ? null : gitOf(meta.git),
  };
}

const gitOf = (git: StoredGit): NonNullable<ConversationSummary['gitInfo']> => ({
  sha: git.commit_hash ?? null,
  branch: git.branch ?? null,
  origin_url: git.repository_url ?? null,
});

/** RFC 3339, UTC, without fractions. */
const wholeSeconds = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
