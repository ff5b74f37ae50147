/** How a policy, by default the turn's own, confines a command here and now. */
import { type Confinement, confinementFor } from '../../exec/sandbox.ts';
import type { SandboxPolicy } from '../../protocol/policies.ts';
import type { ToolContext } from './tool.ts';

export async function confinementOf(
  { session, turn }: ToolContext,
  policy: SandboxPolicy = turn.settings.sandboxPolicy,
): Promise<Confinement> {
  const { cwd } = turn.settings;
  const { env, sandbox } = session.services;
  const roots = session.services.roots.of(session.threadId, policy, cwd);
  const { trustedFolders: trusted, allowedUnixSockets: allowedSockets } = session.config;
  const availability = await sandbox();
  return confinementFor({ policy, cwd, env, roots, trusted, allowedSockets, availability });
}
