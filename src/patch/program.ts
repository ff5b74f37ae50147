/**
 * The stand-alone program `apply_patch`: one argument or standard input in, files changed, a summary or an error out.
 *
 * The server runs it too, inside the sandbox, with the digest of the plan that was shown and approved: a plan that comes
 * out otherwise is not carried out.
 */
import { osErrorText } from '../base/os-error.ts';
import { applyPlan } from './apply.ts';
import { patchDisk } from './disk.ts';
import { type PatchSyntaxError, parsePatch } from './parse.ts';
import { digestOf } from './plan.ts';
import { decodeText } from './text-file.ts';
import { verifyPatch } from './verify.ts';

/** `readStdin` is called only without a patch among the arguments and gives all of the standard input. */
export interface ApplyPatchInvocation {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly readStdin: () => Promise<Uint8Array>;
}

export interface ApplyPatchOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const USAGE = 'usage: apply_patch PATCH, or the patch on standard input';
const EXPECT = '--expect=';

/** The files are not, or from inside the sandbox do not look, as they did when the plan was made. Nothing was changed. */
export const STALE_EXIT_CODE = 3;

/** The arguments with which the server has exactly the plan of that digest carried out; the patch goes to stdin. */
export const expectPlan = (digest: string): string[] => [EXPECT + digest];

const fail = (exitCode: number, text: string): ApplyPatchOutcome => ({ exitCode, stdout: '', stderr: `${text}\n` });

/** Exit code 0 when all was applied, 1 when the patch is wrong or does not fit, 2 when the call is wrong. */
export async function runApplyPatch({ args, cwd, readStdin }: ApplyPatchInvocation): Promise<ApplyPatchOutcome> {
  if (args.length > 1) return fail(2, 'apply_patch takes exactly one argument');
  const [first] = args;
  const expected = first?.startsWith(EXPECT) === true ? first.slice(EXPECT.length) : null;
  let text: string;
  try {
    text = first === undefined || expected !== null ? decodeText(await readStdin()) : first;
  } catch (error) {
    return fail(1, `The patch cannot be read: ${osErrorText(error)}`);
  }
  if (first === undefined && text === '') return fail(2, USAGE);
  const parsed = parsePatch(text);
  if (!parsed.ok) return fail(1, describe(parsed.error));
  if (parsed.sections.length === 0) return fail(1, 'No files were modified.');
  const verified = await verifyPatch(parsed.sections, { cwd, disk: patchDisk, names: 'as-written' });
  if (expected !== null && !(verified.ok && digestOf(verified.plan) === expected)) {
    return fail(STALE_EXIT_CODE, 'The files are not as they were when the patch was checked.');
  }
  if (!verified.ok) return fail(1, verified.message);
  const applied = await applyPlan(verified.plan);
  return applied.ok ? { exitCode: 0, stdout: `${applied.summary}\n`, stderr: '' } : fail(1, applied.message);
}

const describe = ({ line, text }: PatchSyntaxError): string =>
  line === null ? `Invalid patch: ${text}` : `Invalid patch hunk on line ${line}: ${text}`;
