/** How this turn's policy confines a command here and now. */
import { type Confinement, confinementFor } from '../../exec/sandbox.ts';
import type { ToolContext } from './tool.ts';

export async function confinementOf({ session, turn }: ToolContext): Promise<Confinement> {
  const { sandboxPolicy, cwd } = turn.settings;
  const { env, sandbox } = session.services;
  const trusted = session.config.trustedFolders;
  return confinementFor({ policy: sandboxPolicy, cwd, env, trusted, availability: await sandbox() });
}
