/** `apply_patch`, by whatever way it was called: verified, decided about, applied, and shown as a file change. */
import * as z from 'zod/mini';
import { formatShellJson } from '../../exec/format.ts';
import { reachUnder, writableRoots } from '../../exec/writable-roots.ts';
import { reachOfPatch } from '../../patch/allowed.ts';
import { patchDisk } from '../../patch/disk.ts';
import { toFileUpdateChanges, toLegacyFileChanges } from '../../patch/file-changes.ts';
import { parsePatch } from '../../patch/parse.ts';
import type { PatchPlan } from '../../patch/plan.ts';
import { type PatchChange, type VerifiedPatch, verifyPatch } from '../../patch/verify.ts';
import type { PatchDescription } from '../events.ts';
import { ToolFailure } from '../failures.ts';
import { isConfined } from '../settings.ts';
import { decodeArguments } from './arguments.ts';
import { isAgreement, RETRY_REASON } from './attempts.ts';
import { type AppliedOutcome, applyConfined, applyDirectly, DEFAULT_PATCH_TIMEOUT_MS } from './patch-apply.ts';
import { patchGrammar } from './patch-grammar.ts';
import { patchRefusal } from './patch-refusal.ts';
import { abortedByUser, type Tool, type ToolContext, type ToolOutput } from './tool.ts';

export const VERIFICATION_FAILED = 'apply_patch verification failed: ';
const PATCH_DECLINED = 'patch rejected by user';

const DESCRIPTION =
  'Changes files. The patch names each file with one of "*** Add File: ", "*** Delete File: " or "*** Update File: " between "*** Begin Patch" and "*** End Patch". Added lines start with +, removed ones with -, unchanged ones with a space; three unchanged lines around a change are enough, and "@@ " with a line that stands above tells equal places apart; several such lines go from the outside in. Paths are relative.';

export const patchFunctionSpec = {
  type: 'function',
  name: 'apply_patch',
  description: DESCRIPTION,
  strict: false,
  parameters: {
    type: 'object',
    properties: {
      input: { type: 'string', description: 'The whole patch, from "*** Begin Patch" to "*** End Patch".' },
    },
    required: ['input'],
    additionalProperties: false,
  },
} as const;

export const patchFreeformSpec = {
  type: 'custom',
  name: 'apply_patch',
  description: `${DESCRIPTION} Write the patch itself, not JSON.`,
  format: { type: 'grammar', syntax: 'lark', definition: patchGrammar },
} as const;

export const patchTool: Tool = {
  names: ['apply_patch'],
  parallel: false,
  abortedOutput: abortedByUser,
  async run(call, context) {
    const text =
      call.kind === 'custom'
        ? call.input
        : decodeArguments(z.object({ input: z.string() }), call.kind === 'function' ? call.args : '').input;
    return runPatchCall(context, { text, cwd: context.turn.settings.cwd, timeoutMs: DEFAULT_PATCH_TIMEOUT_MS });
  },
};

export interface PatchRequest {
  readonly text: string;
  readonly cwd: string;
  readonly timeoutMs: number;
}

export async function runPatchCall(context: ToolContext, request: PatchRequest): Promise<ToolOutput> {
  const parsed = parsePatch(request.text);
  if (!parsed.ok) throw new ToolFailure(`${VERIFICATION_FAILED}${parsed.message}`);
  if (parsed.sections.length === 0) throw new ToolFailure('patch rejected: empty patch');
  const verified = await verifyPatch(parsed.sections, { cwd: request.cwd, disk: patchDisk, names: 'absolute' });
  if (!verified.ok) throw new ToolFailure(`${VERIFICATION_FAILED}${verified.message}`);
  return new PatchCall(context, request, verified).run();
}

class PatchCall {
  readonly #context: ToolContext;
  readonly #request: PatchRequest;
  readonly #plan: PatchPlan;
  readonly #changes: readonly PatchChange[];

  constructor(context: ToolContext, request: PatchRequest, verified: VerifiedPatch & { readonly ok: true }) {
    this.#context = context;
    this.#request = request;
    this.#plan = verified.plan;
    this.#changes = verified.changes;
  }

  async run(): Promise<ToolOutput> {
    const { session, turn } = this.#context;
    const mustAsk = this.#mustAsk();
    const description = this.#describe(!mustAsk);
    session.recorder.event({ kind: 'patchStarted', turnId: turn.id, ...description });
    let outcome: AppliedOutcome | 'declined' | 'failed';
    try {
      const refusal = mustAsk ? await this.#ask(null) : null;
      outcome = refusal ?? (await this.#apply(mustAsk));
    } catch (error) {
      this.#end(description, 'failed', '', '');
      throw error;
    }
    if (typeof outcome === 'string') this.#end(description, outcome, '', PATCH_DECLINED);
    else this.#end(description, outcome.exitCode === 0 ? 'completed' : 'failed', outcome.stdout, outcome.stderr);
    await session.reportDiff(turn);
    if (typeof outcome === 'string') throw new ToolFailure(PATCH_DECLINED);
    const { exitCode, durationMs, timedOut } = outcome;
    const said = { exitCode, durationMs, timedOut, output: outcome.stdout + outcome.stderr };
    return { output: formatShellJson(said, turn.settings.profile.truncation) };
  }

  #end(
    description: PatchDescription,
    status: 'completed' | 'failed' | 'declined',
    stdout: string,
    stderr: string,
  ): void {
    const { session, turn } = this.#context;
    session.recorder.event({ kind: 'patchEnded', turnId: turn.id, ...description, status, stdout, stderr });
  }

  #describe(autoApproved: boolean): PatchDescription {
    return {
      callId: this.#context.itemId,
      changes: toFileUpdateChanges(this.#changes),
      legacyChanges: toLegacyFileChanges(this.#changes),
      autoApproved,
    };
  }

  /** Throws when policy refuses the patch outright. */
  #mustAsk(): boolean {
    const { session, turn } = this.#context;
    const { approvalPolicy, sandboxPolicy, cwd } = turn.settings;
    if (approvalPolicy === 'untrusted') return true;
    if (!isConfined(sandboxPolicy)) return false;
    const { env } = session.services;
    const reachOf = reachUnder(sandboxPolicy, cwd, env);
    const reach = reachOfPatch(this.#changes, reachOf);
    // What is outside is tried in the sandbox; what is protected is not protected by the sandbox at every depth.
    if (reach === 'writable' || (reach === 'outside' && approvalPolicy === 'on-failure')) return false;
    if (approvalPolicy === 'never')
      throw new ToolFailure(
        patchRefusal({ changes: this.#changes, reachOf, folders: writableRoots(sandboxPolicy, cwd, env) }),
      );
    return true;
  }

  /** null when the user, or earlier answers of theirs, agree; else how the item ends. */
  async #ask(reason: string | null): Promise<'declined' | 'failed' | null> {
    const { session, turn, itemId, signal } = this.#context;
    const keys = this.#changes.flatMap(({ path, movePath }) => [path, ...(movePath === null ? [] : [movePath])]);
    const cacheKeys = keys.map((path) => `patch:${path}`);
    if (reason === null && cacheKeys.every((key) => session.approvals.has(key))) return null;
    const answer = await session.askApproval(
      turn,
      { kind: 'patchApproval', callId: itemId, reason, legacyChanges: toLegacyFileChanges(this.#changes) },
      signal,
    );
    if (answer.kind === 'acceptForSession') for (const key of cacheKeys) session.approvals.add(key);
    if (answer.kind === 'acceptWithAmendment') return 'declined'; // there is nothing in a patch to amend
    if (isAgreement(answer, this.#context)) return null;
    return answer.kind === 'decline' || answer.kind === 'cancel' ? 'declined' : 'failed';
  }

  /** Or how the item ends when the user will not go on after the sandbox stopped it. */
  async #apply(asked: boolean): Promise<AppliedOutcome | 'declined' | 'failed'> {
    const { turn } = this.#context;
    await turn.diff.touch(this.#changes);
    if (!isConfined(turn.settings.sandboxPolicy)) return applyDirectly(this.#context, this.#plan);
    const first = await applyConfined(this.#context, this.#request, this.#plan);
    if (!first.denied || turn.settings.approvalPolicy === 'never') return first;
    const refusal = asked ? null : await this.#ask(RETRY_REASON);
    return refusal ?? applyDirectly(this.#context, this.#plan);
  }
}
