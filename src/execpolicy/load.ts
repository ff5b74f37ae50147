import { ExecPolicy } from './policy.ts';

export interface RuleProblem {
  readonly summary: string;
  readonly details: string | null;
  readonly path?: string;
}

export async function loadExecPolicy(
  _folders: readonly string[],
): Promise<{ policy: ExecPolicy; problems: RuleProblem[] }> {
  return { policy: new ExecPolicy([]), problems: [] };
}
