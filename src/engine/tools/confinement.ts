/** How a policy, by default the turn's own, confines a command here and now. */
import { type Confinement, confinementFor } from '../../exec/sandbox.ts';
import type { SandboxPolicy } from '../../protocol/policies.ts';
import type { ToolContext } from './tool.ts';

export async function confinementOf(
  { config, services, threadId, turn }: ToolContext,
  policy: SandboxPolicy = turn.settings.sandboxPolicy,
): Promise<Confinement> {
  const { cwd } = turn.settings;
  const { env, sandbox } = services;
  const roots = services.roots.of(threadId, policy, cwd);
  const { trustedFolders: trusted, allowedUnixSockets: allowedSockets } = config;
  const availability = await sandbox();
  return confinementFor({ policy, cwd, env, roots, trusted, allowedSockets, availability });
}
