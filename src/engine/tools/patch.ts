/** `apply_patch`, by whatever way it was called: verified, decided about, applied, and shown as a file change. */
import { resolve } from 'node:path';
import * as s from '../../base/json/schema.ts';
import type { EffectiveConfig } from '../../contract/effective-config.ts';
import type { PatchDescription } from '../../contract/engine-events.ts';
import { isConfined, type TurnSettings } from '../../contract/turn-settings.ts';
import { formatShellJson } from '../../exec/format.ts';
import { type Reach, reachUnder, writableRoots } from '../../exec/writable-roots.ts';
import { reachOfPatch } from '../../patch/allowed.ts';
import { diskWithoutLogins } from '../../patch/disk.ts';
import { toFileUpdateChanges, toLegacyFileChanges } from '../../patch/file-changes.ts';
import { parsePatch } from '../../patch/parse.ts';
import type { PatchPlan } from '../../patch/plan.ts';
import { type PatchChange, type VerifiedPatch, verifyPatch } from '../../patch/verify.ts';
import { ToolFailure } from '../failures.ts';
import { reportDiff } from '../turn-state.ts';
import { decodeArguments } from './arguments.ts';
import { RETRY_REASON } from './attempts.ts';
import { askConsent, isAgreement, refusalOf } from './consent.ts';
import { shownFolder } from './folder-mark.ts';
import { type AppliedOutcome, applyConfined, applyDirectly, DEFAULT_PATCH_TIMEOUT_MS } from './patch-apply.ts';
import { patchGrammar } from './patch-grammar.ts';
import { patchRefusal } from './patch-refusal.ts';
import { abortedByUser, type Tool, type ToolContext, type ToolOutput, type ToolSet } from './tool.ts';

export const VERIFICATION_FAILED = 'apply_patch verification failed: ';
const PATCH_DECLINED = 'patch rejected by user';

const DESCRIPTION =
  'Changes files. The patch names each file with one of "*** Add File: ", "*** Delete File: " or "*** Update File: " between "*** Begin Patch" and "*** End Patch". Added lines start with +, removed ones with -, unchanged ones with a space; three unchanged lines around a change are enough, and "@@ " with a line that stands above tells equal places apart; several such lines go from the outside in. Paths are relative.';

const patchFunctionSpec = {
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

const patchFreeformSpec = {
  type: 'custom',
  name: 'apply_patch',
  description: `${DESCRIPTION} Write the patch itself, not JSON.`,
  format: { type: 'grammar', syntax: 'lark', definition: patchGrammar },
} as const;

const PatchArguments = s.object({ input: s.string });

const patchTool: Tool = {
  names: ['apply_patch'],
  kinds: ['function', 'custom'],
  parallel: false,
  abortedOutput: abortedByUser,
  async run(call, context) {
    const text =
      call.kind === 'custom'
        ? call.input
        : decodeArguments(PatchArguments, call.kind === 'function' ? call.args : '').input;
    return runPatchCall(context, { text, cwd: context.turn.settings.cwd, timeoutMs: DEFAULT_PATCH_TIMEOUT_MS });
  },
};

function patchForm({ profile }: TurnSettings, { features }: EffectiveConfig): 'freeform' | 'function' | null {
  return profile.applyPatchTool ?? (features.apply_patch_freeform ? 'freeform' : null);
}

export const hasFreeformPatch = (settings: TurnSettings, config: EffectiveConfig): boolean =>
  patchForm(settings, config) === 'freeform';

export const patchTools: ToolSet = {
  offer: (settings, config) => {
    const form = patchForm(settings, config);
    return form === null ? [] : [form === 'freeform' ? patchFreeformSpec : patchFunctionSpec];
  },
  tools: [patchTool],
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
  const disk = diskWithoutLogins(context.config.stateFolders);
  const cwd = await shownFolder(request.cwd, context.turn.settings.cwd);
  const verified = await verifyPatch(parsed.sections, { cwd, disk, names: 'absolute' });
  if (!verified.ok) throw new ToolFailure(`${VERIFICATION_FAILED}${verified.message}`);
  return new PatchCall(context, { ...request, cwd }, verified).run();
}

/** What a yes is asked for first: nothing, the change itself, or a change that the sandbox does not let through. */
type Question = 'none' | 'change' | 'leave';

interface Refusal {
  readonly status: 'declined' | 'failed';
  readonly message: string;
}

class PatchCall {
  readonly #context: ToolContext;
  readonly #request: PatchRequest;
  readonly #plan: PatchPlan;
  readonly #changes: readonly PatchChange[];
  /** What there is to know about the paths; null when they lead where they say. */
  readonly #remark: string | null;

  constructor(context: ToolContext, request: PatchRequest, verified: VerifiedPatch & { readonly ok: true }) {
    this.#context = context;
    this.#request = request;
    this.#plan = verified.plan;
    this.#changes = verified.changes;
    const links = verified.links.map(({ path, place }) => `${path} leads to ${place}`);
    this.#remark = links.length === 0 ? null : `Through links: ${links.join('; ')}`;
  }

  async run(): Promise<ToolOutput> {
    const { recorder, turn } = this.#context;
    const question = this.#question();
    const description = this.#describe(question === 'none');
    recorder.storeAndEmit({ kind: 'patchStarted', turnId: turn.id, ...description });
    let outcome: AppliedOutcome | Refusal;
    try {
      const refusal = question === 'none' ? null : await this.#ask(null);
      outcome = refusal ?? (await this.#apply(question));
    } catch (error) {
      this.#end(description, 'failed', '', '');
      throw error;
    }
    if ('message' in outcome) this.#end(description, outcome.status, '', outcome.message);
    else this.#end(description, outcome.exitCode === 0 ? 'completed' : 'failed', outcome.stdout, outcome.stderr);
    await reportDiff(recorder, turn);
    if ('message' in outcome) throw new ToolFailure(outcome.message);
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
    const { recorder, turn } = this.#context;
    recorder.storeAndEmit({ kind: 'patchEnded', turnId: turn.id, ...description, status, stdout, stderr });
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
  #question(): Question {
    const { services, turn } = this.#context;
    const { approvalPolicy, sandboxPolicy, cwd } = turn.settings;
    if (!isConfined(sandboxPolicy)) return approvalPolicy === 'untrusted' ? 'change' : 'none';
    const { env } = services;
    const reachOf = reachUnder(sandboxPolicy, cwd, env);
    const reach: Reach = reachOfPatch(this.#changes, reachOf);
    if (reach === 'writable') return approvalPolicy === 'untrusted' ? 'change' : 'none';
    // What is outside is tried in the sandbox; what is protected is not protected by the sandbox at every depth.
    if (reach === 'outside' && approvalPolicy === 'on-failure') return 'none';
    if (approvalPolicy === 'never')
      throw new ToolFailure(
        patchRefusal({ changes: this.#changes, reachOf, folders: writableRoots(sandboxPolicy, cwd, env) }),
      );
    return 'leave';
  }

  /** null when the user, or earlier answers of theirs, agree; else how the item ends. */
  async #ask(retry: string | null): Promise<Refusal | null> {
    const { grants, itemId } = this.#context;
    const keys = this.#changes.flatMap(({ path, movePath }) => [path, ...(movePath === null ? [] : [movePath])]);
    const cacheKeys = keys.map((path) => `patch:${resolve(path)}`);
    if (retry === null && cacheKeys.every((key) => grants.isAccepted(key))) return null;
    const answer = await askConsent(this.#context, {
      kind: 'patchApproval',
      callId: itemId,
      reason: retry === null || this.#remark === null ? (retry ?? this.#remark) : `${retry} ${this.#remark}`,
      legacyChanges: toLegacyFileChanges(this.#changes),
    });
    if (answer.kind === 'acceptForSession') for (const key of cacheKeys) grants.accept(key);
    if (isAgreement(answer, this.#context)) return null;
    const status = answer.kind === 'decline' || answer.kind === 'cancel' ? 'declined' : 'failed';
    return { status, message: refusalOf(PATCH_DECLINED, answer) };
  }

  /** Or how the item ends when the user will not go on after the sandbox stopped it. */
  async #apply(asked: Question): Promise<AppliedOutcome | Refusal> {
    const { turn } = this.#context;
    await turn.diff.touch(this.#changes);
    if (!isConfined(turn.settings.sandboxPolicy)) return applyDirectly(this.#context, this.#plan);
    const first = await applyConfined(this.#context, this.#request, this.#plan);
    if (!first.denied || turn.settings.approvalPolicy === 'never') return first;
    const refusal = asked === 'leave' ? null : await this.#ask(RETRY_REASON);
    return refusal ?? applyDirectly(this.#context, this.#plan);
  }
}
