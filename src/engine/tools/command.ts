/**
 * One command that a tool call asks for: told apart from a patch, decided about, run, and reported.
 *
 * Its item starts before anything is decided and ends exactly once, however the call goes.
 */
import { commandActions } from '../../command-analysis/actions.ts';
import type { CommandDescription } from '../../contract/engine-events.ts';
import type { TruncationPolicy } from '../../contract/model-profile.ts';
import { commandEnvironment } from '../../exec/environment.ts';
import { outputText, type ShellOutcome, truncateOutput } from '../../exec/format.ts';
import { IMPLICIT_PATCH_MESSAGE, interceptPatch } from '../../patch/intercept.ts';
import { joinPath } from '../../patch/paths.ts';
import { escalationRefusal } from '../command-decision.ts';
import { ToolFailure } from '../failures.ts';
import { textMessage } from '../messages.ts';
import { type Attempt, CommandAttempts } from './attempts.ts';
import { shownFolder } from './folder-mark.ts';
import { runPatchCall, VERIFICATION_FAILED } from './patch.ts';
import type { ToolContext, ToolOutput } from './tool.ts';

export interface CommandRequest {
  readonly toolName: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly escalated: boolean;
  readonly justification: string | null;
  readonly offeredPrefix: readonly string[] | null;
  readonly frame: (outcome: ShellOutcome, policy: TruncationPolicy) => string;
}

export async function runCommandCall(context: ToolContext, request: CommandRequest): Promise<ToolOutput> {
  const patch = await interceptedPatch(context, request);
  if (patch !== null) return patch;
  const refusal = request.escalated ? escalationRefusal(context.turn.settings.approvalPolicy, 'should not') : null;
  if (refusal !== null) throw new ToolFailure(refusal);
  const cwd = await shownFolder(request.cwd, context.turn.settings.cwd);
  return new CommandCall(context, { ...request, cwd }).run();
}

/** Models call the patch program through the shell; that is done as a patch, with a remark. */
async function interceptedPatch(context: ToolContext, request: CommandRequest): Promise<ToolOutput | null> {
  const found = interceptPatch(request.argv);
  if (found.kind === 'none') return null;
  if (found.kind === 'implicit') throw new ToolFailure(`${VERIFICATION_FAILED}${IMPLICIT_PATCH_MESSAGE}`);
  const cwd = found.workdirOverride === null ? request.cwd : joinPath(request.cwd, found.workdirOverride);
  const result = await runPatchCall(context, { text: found.text, cwd, timeoutMs: request.timeoutMs });
  const remark = `Warning: apply_patch was called through ${request.toolName}. It is a tool of its own: call it directly.`;
  return { ...result, remarks: [textMessage('user', remark)] };
}

class CommandCall {
  readonly #context: ToolContext;
  readonly #request: CommandRequest;
  readonly #description: CommandDescription;

  constructor(context: ToolContext, request: CommandRequest) {
    this.#context = context;
    this.#request = request;
    this.#description = {
      callId: context.itemId,
      command: request.argv,
      cwd: request.cwd,
      actions: commandActions(request.argv),
      source: 'agent',
      processId: null,
    };
  }

  async run(): Promise<ToolOutput> {
    const { recorder, turn } = this.#context;
    recorder.storeAndEmit({ kind: 'commandStarted', turnId: turn.id, ...this.#description });
    return this.#report(await this.#attemptOrEnd());
  }

  /** However the attempt breaks off, the item that was started ends. */
  async #attemptOrEnd(): Promise<Attempt> {
    try {
      return await this.#attempt();
    } catch (error) {
      this.#end({ status: 'failed', exitCode: -1, text: '' });
      throw error;
    }
  }

  async #attempt(): Promise<Attempt> {
    const { config, services, turn } = this.#context;
    if (this.#request.argv.length === 0) return { kind: 'refused', message: 'command args are empty' };
    const env = commandEnvironment(services.env, {
      policy: config.shellEnvironmentPolicy,
      sandbox: turn.settings.sandboxPolicy,
      secrets: config.secretVariables,
    });
    return new CommandAttempts(this.#context, this.#request, this.#description, env).run();
  }

  /** The item's end, and what the model reads. */
  #report(attempt: Attempt): ToolOutput {
    switch (attempt.kind) {
      case 'declined':
        this.#end({ status: attempt.status, exitCode: -1, text: attempt.message });
        throw new ToolFailure(attempt.message);
      case 'refused':
        this.#end({ status: 'failed', exitCode: -1, text: attempt.message });
        throw new ToolFailure(attempt.message);
      case 'aborted':
        this.#end({
          status: 'failed',
          exitCode: -1,
          text: attempt.output.aggregated,
          durationMs: attempt.output.durationMs,
        });
        this.#context.signal.throwIfAborted();
        throw new ToolFailure('the command was stopped');
      case 'ran':
        return this.#ran(attempt);
    }
  }

  #ran({ result }: Attempt & { kind: 'ran' }): ToolOutput {
    const policy = this.#context.turn.settings.profile.truncation;
    const { exitCode, durationMs, timedOut } = result;
    const outcome = { exitCode, durationMs, timedOut, output: result.aggregated };
    this.#context.recorder.storeAndEmit({
      kind: 'commandEnded',
      turnId: this.#context.turn.id,
      ...this.#description,
      status: result.exitCode === 0 ? 'completed' : 'failed',
      stdout: result.stdout,
      stderr: result.stderr,
      aggregatedOutput: result.aggregated,
      exitCode: result.exitCode,
      durationMs: result.durationMs,
      formattedOutput: truncateOutput(outputText(outcome), policy),
    });
    return { output: this.#request.frame(outcome, policy) };
  }

  #end(end: {
    status: 'declined' | 'unanswered' | 'failed';
    exitCode: number;
    text: string;
    durationMs?: number;
  }): void {
    this.#context.recorder.storeAndEmit({
      kind: 'commandEnded',
      turnId: this.#context.turn.id,
      ...this.#description,
      status: end.status,
      stdout: '',
      stderr: end.text,
      aggregatedOutput: end.text,
      exitCode: end.exitCode,
      durationMs: end.durationMs ?? 0,
      formattedOutput: end.text,
    });
  }
}
