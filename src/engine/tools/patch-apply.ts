/** The two ways in which a verified patch reaches the disk: in a sandboxed process, or right here. */

import { isDenial } from '../../exec/denial.ts';
import { commandEnvironment } from '../../exec/environment.ts';
import { runCommand } from '../../exec/run.ts';
import { applyPatch } from '../../patch/apply.ts';
import type { PatchSection } from '../../patch/parse.ts';
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

export async function applyDirectly(
  context: ToolContext,
  sections: readonly PatchSection[],
  cwd: string,
): Promise<AppliedOutcome> {
  const { clock } = context.session.services;
  const startedMs = clock.steadyMs();
  const applied = await applyPatch(sections, cwd);
  const [stdout, stderr] = applied.ok ? [`${applied.summary}\n`, ''] : ['', `${applied.message}\n`];
  show(context, stdout === '' ? 'stderr' : 'stdout', Buffer.from(stdout + stderr));
  const durationMs = clock.steadyMs() - startedMs;
  return { exitCode: applied.ok ? 0 : 1, stdout, stderr, durationMs, timedOut: false, denied: false };
}

export async function applyConfined(context: ToolContext, request: PatchRequest): Promise<AppliedOutcome> {
  const { services } = context.session;
  const confinement = await confinementOf(context);
  if (confinement.kind === 'refused') throw new ToolFailure(confinement.message);
  const sandbox = confinement.kind === 'planned' ? confinement.plan : null;
  const result = await runCommand(
    {
      argv: [process.execPath, services.patchProgram],
      stdin: request.text,
      cwd: request.cwd,
      // A patch needs nothing of the environment.
      env: commandEnvironment({}, { policy: EMPTY_ENVIRONMENT, sandbox: context.turn.settings.sandboxPolicy }),
      timeoutMs: request.timeoutMs,
      sandbox,
      onOutput: (stream, chunk) => show(context, stream, chunk),
      onSpawn: (groupId) => services.processes.started(groupId),
      onExit: (groupId) => services.processes.ended(groupId),
    },
    context.signal,
  );
  if (result.kind === 'aborted') context.signal.throwIfAborted();
  if (result.kind !== 'exited') throw new ToolFailure(`the patch could not be applied: ${result.kind}`);
  const { exitCode, stdout, stderr, durationMs, timedOut } = result;
  return { exitCode, stdout, stderr, durationMs, timedOut, denied: isDenial(result, sandbox) };
}

function show(context: ToolContext, stream: 'stdout' | 'stderr', chunk: Buffer): void {
  context.session.recorder.event({
    kind: 'commandOutput',
    turnId: context.turn.id,
    callId: context.itemId,
    stream,
    chunk,
    ofPatch: true,
  });
}
