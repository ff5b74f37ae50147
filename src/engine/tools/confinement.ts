/** How this turn's policy confines a command here and now. */
import { type Confinement, confinementFor } from '../../exec/sandbox.ts';
import type { ToolContext } from './tool.ts';

export async function confinementOf({ session, turn }: ToolContext): Promise<Confinement> {
  const { sandboxPolicy, cwd } = turn.settings;
  const { env, sandbox } = session.services;
  const roots = session.services.roots.of(session.threadId, sandboxPolicy, cwd);
  const { trustedFolders: trusted, allowedUnixSockets: allowedSockets } = session.config;
  const availability = await sandbox();
  return confinementFor({ policy: sandboxPolicy, cwd, env, roots, trusted, allowedSockets, availability });
}
