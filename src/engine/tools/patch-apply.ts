/** The two ways in which a verified patch reaches the disk: in a sandboxed process, or right here. */

import { isDenial } from '../../exec/denial.ts';
import { commandEnvironment } from '../../exec/environment.ts';
import { type CommandResult, runCommand } from '../../exec/run.ts';
import { applyPlan, staleness } from '../../patch/apply.ts';
import { digestOf, type PatchPlan } from '../../patch/plan.ts';
import { expectPlan, STALE_EXIT_CODE } from '../../patch/program.ts';
import { ToolFailure } from '../failures.ts';
import { confinementOf } from './confinement.ts';
import type { PatchRequest } from './patch.ts';
import type { ToolContext } from './tool.ts';

/** Observed on codex app-server 0.94.0. */
export const DEFAULT_PATCH_TIMEOUT_MS = 10_000;

const EMPTY_ENVIRONMENT = {
  inherit: 'none',
  ignoreDefaultExcludes: true,
  exclude: [],
  set: {},
  includeOnly: [],
} as const;

export interface AppliedOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  readonly timedOut: boolean;
  /** The sandbox stopped it. */
  readonly denied: boolean;
}

export async function applyDirectly(context: ToolContext, plan: PatchPlan): Promise<AppliedOutcome> {
  const { clock } = context.services;
  const startedMs = clock.steadyMs();
  const applied = await applyPlan(plan);
  const [stdout, stderr] = applied.ok ? [`${applied.summary}\n`, ''] : ['', `${applied.message}\n`];
  show(context, stdout === '' ? 'stderr' : 'stdout', Buffer.from(stdout + stderr));
  const durationMs = clock.steadyMs() - startedMs;
  return { exitCode: applied.ok ? 0 : 1, stdout, stderr, durationMs, timedOut: false, denied: false };
}

export async function applyConfined(
  context: ToolContext,
  request: PatchRequest,
  plan: PatchPlan,
): Promise<AppliedOutcome> {
  const { services } = context;
  const confinement = await confinementOf(context);
  if (confinement.kind === 'refused') throw new ToolFailure(confinement.message);
  const sandbox = confinement.kind === 'planned' ? confinement.plan : null;
  const result = await runCommand(
    {
      argv: [process.execPath, services.patchProgram, ...expectPlan(digestOf(plan))],
      stdin: request.text,
      cwd: request.cwd,
      // A patch needs nothing of the environment.
      env: commandEnvironment({}, { policy: EMPTY_ENVIRONMENT, sandbox: context.turn.settings.sandboxPolicy }),
      timeoutMs: request.timeoutMs,
      sandbox,
      onOutput: (stream, chunk) => show(context, stream, chunk),
      groups: services.groups,
      onStart: (pipe) => services.processes.expected(pipe),
      onSpawn: (groupId, pipe) => services.processes.started(groupId, pipe),
      onExit: (groupId) => services.processes.ended(groupId),
    },
    context.signal,
  );
  if (result.kind === 'aborted') context.signal.throwIfAborted();
  if (result.kind !== 'exited') throw new ToolFailure(`the patch was not applied: ${unfinished(result, request.cwd)}`);
  if (result.exitCode === STALE_EXIT_CODE) return afterStaleness(context, plan, result);
  const { exitCode, stdout, stderr, durationMs, timedOut } = result;
  return { exitCode, stdout, stderr, durationMs, timedOut, denied: isDenial(result, sandbox) };
}

type Unfinished = Exclude<CommandResult, { readonly kind: 'exited' }>;

function unfinished(result: Unfinished, cwd: string): string {
  switch (result.kind) {
    case 'aborted':
      return 'it was stopped';
    case 'signalled':
      return `the process that applies it was ended by ${result.signal}. Look at the files before you go on`;
    case 'spawnFailed':
      return `its process cannot be started in ${cwd}: ${result.message}`;
  }
}

/** Files that only look different from inside the sandbox are hidden there: the sandbox stopped the patch. */
async function afterStaleness(
  context: ToolContext,
  plan: PatchPlan,
  { durationMs, stdout }: { readonly durationMs: number; readonly stdout: string },
): Promise<AppliedOutcome> {
  const problem = await staleness(plan);
  const stderr = `${problem ?? 'The sandbox hides files that the patch changes.'}\n`;
  show(context, 'stderr', Buffer.from(stderr));
  return { exitCode: 1, stdout, stderr, durationMs, timedOut: false, denied: problem === undefined };
}

function show(context: ToolContext, stream: 'stdout' | 'stderr', chunk: Buffer): void {
  context.recorder.storeAndEmit({
    kind: 'commandOutput',
    turnId: context.turn.id,
    callId: context.itemId,
    stream,
    chunk,
    ofPatch: true,
  });
}
