// The stand-alone program `apply_patch`: one argument or standard input in, files changed, a summary or an error out.
import { applyPatch } from './apply.ts';
import { type PatchSyntaxError, parsePatch } from './parse.ts';

/** `readStdin` is called only without arguments and gives all of the standard input. */
export interface ApplyPatchInvocation {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly readStdin: () => Promise<string>;
}

export interface ApplyPatchOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const USAGE = 'usage: apply_patch PATCH, or the patch on standard input';

const fail = (exitCode: number, text: string): ApplyPatchOutcome => ({ exitCode, stdout: '', stderr: `${text}\n` });

/** Exit code 0 when all was applied, 1 when the patch is wrong or does not fit, 2 when the call is wrong. */
export async function runApplyPatch({ args, cwd, readStdin }: ApplyPatchInvocation): Promise<ApplyPatchOutcome> {
  if (args.length > 1) return fail(2, 'apply_patch takes exactly one argument');
  const text = args[0] ?? (await readStdin());
  if (args.length === 0 && text === '') return fail(2, USAGE);
  const parsed = parsePatch(text);
  if (!parsed.ok) return fail(1, describe(parsed.error));
  const applied = await applyPatch(parsed.sections, cwd);
  return applied.ok ? { exitCode: 0, stdout: `${applied.summary}\n`, stderr: '' } : fail(1, applied.message);
}

const describe = ({ line, text }: PatchSyntaxError): string =>
  line === null ? `Invalid patch: ${text}` : `Invalid patch hunk on line ${line}: ${text}`;
