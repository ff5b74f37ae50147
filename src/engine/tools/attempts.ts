/**
 * Asking about a command and running it: first where the decision says, then, when the sandbox stopped it and somebody may
 * be asked, once more outside. A yes covers what was shown, where it was to run, and nothing else.
 */
import { constants } from 'node:os';
import { HeldPath } from '../../base/held-path.ts';
import { isOutOf } from '../../base/program-places.ts';
import type { CommandDescription } from '../../contract/engine-events.ts';
import { isConfined } from '../../contract/turn-settings.ts';
import { isDenial } from '../../exec/denial.ts';
import { NETWORK_DISABLED } from '../../exec/environment.ts';
import { readOnlyEnvironment } from '../../exec/read-only-environment.ts';
import { type CommandResult, runCommand } from '../../exec/run.ts';
import type { Confinement, SandboxPlan } from '../../exec/sandbox.ts';
import { writableRoots } from '../../exec/writable-roots.ts';
import {
  type CommandDecision,
  type CommandQuestion,
  decideCommand,
  retryAmendment,
  type Where,
} from '../command-decision.ts';
import { programPlaces } from '../command-programs.ts';
import { saveAmendment } from './amendment.ts';
import type { CommandRequest } from './command.ts';
import { confinementOf } from './confinement.ts';
import { askConsent, isAgreement, refusalOf } from './consent.ts';
import { type FolderMark, markOfFolder } from './folder-mark.ts';
import type { ToolContext } from './tool.ts';

const COMMAND_DECLINED = 'exec command rejected by user';
export const RETRY_REASON = 'command failed; retry without sandbox?';

type RanResult = CommandResult & { kind: 'exited' };

export type Attempt =
  | { readonly kind: 'ran'; readonly result: RanResult; readonly sandbox: SandboxPlan | null }
  | { readonly kind: 'aborted'; readonly output: { readonly aggregated: string; readonly durationMs: number } }
  /** The user said no, or sent something that is no answer. */
  | { readonly kind: 'declined'; readonly status: 'declined' | 'unanswered'; readonly message: string }
  /** Policy said no, or there was nothing to run. */
  | { readonly kind: 'refused'; readonly message: string };

interface Asked {
  readonly reason: string | null;
  /** What could be allowed from now on. */
  readonly amendment: readonly string[] | null;
  /** Where a yes lets it run. */
  readonly where: Where;
}

export class CommandAttempts {
  readonly #context: ToolContext;
  readonly #request: CommandRequest;
  readonly #description: CommandDescription;
  readonly #env: Readonly<Record<string, string>>;
  readonly #question: Omit<CommandQuestion, 'canConfine'>;
  #folder: HeldPath | null = null;

  constructor(
    context: ToolContext,
    request: CommandRequest,
    description: CommandDescription,
    env: Readonly<Record<string, string>>,
  ) {
    const { features } = context.config;
    const { settings } = context.turn;
    const { shell, env: serverEnv } = context.services;
    const roots = writableRoots(settings.sandboxPolicy, settings.cwd, serverEnv);
    this.#context = context;
    this.#request = request;
    this.#description = description;
    this.#env = env;
    this.#question = {
      argv: request.argv,
      shell: isOutOf(roots)(shell.path) ? shell.path : '',
      policy: context.grants.policy,
      approvalPolicy: settings.approvalPolicy,
      sandboxPolicy: settings.sandboxPolicy,
      escalated: request.escalated,
      justification: request.justification,
      offeredPrefix: features.request_rule ? request.offeredPrefix : null,
      amendable: features.exec_policy,
      places: programPlaces({ path: env.PATH, home: env.HOME, roots }),
    };
  }

  async run(): Promise<Attempt> {
    // Held while somebody is asked: what they agree to is done in the folder that it was then.
    using folder = HeldPath.folderNow(this.#request.cwd);
    this.#folder = folder;
    const decision = decideCommand({ ...this.#question, canConfine: await this.#canConfine() });
    if (decision.kind === 'refuse') return { kind: 'refused', message: decision.message };
    const declined = decision.kind === 'ask' ? await this.#ask(decision) : null;
    if (declined !== null) return declined;
    const first = await this.#execute(decision.where, this.#environmentFor(decision));
    if (first.kind !== 'ran' || !isDenial(first.result, first.sandbox)) return first;
    return await this.#afterDenial(first); // the folder is held until then
  }

  /** Who has agreed to the command in the sandbox has not agreed to it outside. */
  async #afterDenial(first: Attempt): Promise<Attempt> {
    const { approvalPolicy } = this.#question;
    if (approvalPolicy !== 'on-failure' && approvalPolicy !== 'untrusted') return first;
    const { policy } = this.#context.grants;
    const now = decideCommand({ ...this.#question, policy, canConfine: await this.#canConfine() });
    const isAllowedByNow = now.kind === 'run' && now.where === 'direct'; // by a rule that came with the first answer
    const amendment = retryAmendment(this.#question);
    const declined = isAllowedByNow ? null : await this.#ask({ reason: RETRY_REASON, amendment, where: 'direct' });
    return declined ?? this.#execute('direct', this.#env);
  }

  /** null when the user, or an earlier answer of theirs, agrees. */
  async #ask({ reason, amendment, where }: Asked): Promise<Attempt | null> {
    const { grants, itemId } = this.#context;
    const { argv, escalated } = this.#request;
    const folder = await markOfFolder(this.#request.cwd);
    const key = JSON.stringify([argv, folder, escalated, where]);
    if (grants.isAccepted(key)) return null;
    const { command, cwd, actions } = this.#description;
    const answer = await askConsent(this.#context, {
      kind: 'commandApproval',
      callId: itemId,
      reason,
      command,
      cwd,
      actions,
      proposedAmendment: amendment,
    });
    if (answer.kind === 'acceptForSession') grants.accept(key);
    if (answer.kind === 'acceptWithAmendment')
      await saveAmendment(this.#context, { prefix: answer.prefix, offered: amendment, command: this.#question });
    if (isAgreement(answer, this.#context)) return this.#unlessMoved(folder);
    const message = refusalOf(COMMAND_DECLINED, answer);
    // A question that an interruption overtook counts as refused, and its item says so.
    if (answer.kind === 'interrupted' || answer.kind === 'deny' || answer.kind === 'abort')
      return { kind: 'refused', message };
    return { kind: 'declined', status: answer.kind === 'failed' ? 'unanswered' : 'declined', message };
  }

  /** The name of a folder may have come to stand for another one while the question was open. */
  async #unlessMoved(folder: FolderMark): Promise<Attempt | null> {
    const { cwd } = this.#request;
    if ((await markOfFolder(cwd)) === folder) return null;
    return {
      kind: 'refused',
      message: `the command was not run: ${cwd} is not the folder that was asked about any more`,
    };
  }

  #environmentFor(decision: CommandDecision): Readonly<Record<string, string>> {
    if (decision.kind !== 'run' || !decision.isReading) return this.#env;
    const offline = decision.where === 'readOnly' ? { [NETWORK_DISABLED]: '1' } : {};
    return { ...readOnlyEnvironment(this.#env), ...offline };
  }

  /** Looked at only where it matters: a turn without a sandbox may be on a machine without one. */
  async #canConfine(): Promise<boolean> {
    const { approvalPolicy, sandboxPolicy } = this.#question;
    if (approvalPolicy !== 'untrusted' || isConfined(sandboxPolicy)) return false;
    return (await this.#context.services.sandbox()).kind === 'bubblewrap';
  }

  #confinement(where: Where): Confinement | Promise<Confinement> {
    if (where === 'direct') return { kind: 'none' };
    return confinementOf(this.#context, where === 'readOnly' ? { type: 'readOnly' } : undefined);
  }

  async #execute(where: Where, env: Readonly<Record<string, string>>): Promise<Attempt> {
    const { recorder, services, turn, itemId, signal } = this.#context;
    const confinement = await this.#confinement(where);
    if (confinement.kind === 'refused') return confinement;
    const sandbox = confinement.kind === 'planned' ? confinement.plan : null;
    const result = await runCommand(
      {
        argv: this.#request.argv,
        cwd: this.#request.cwd,
        folder: this.#folder,
        env,
        timeoutMs: this.#request.timeoutMs,
        sandbox,
        onOutput: (stream, chunk) =>
          recorder.storeAndEmit({
            kind: 'commandOutput',
            turnId: turn.id,
            callId: itemId,
            stream,
            chunk,
            ofPatch: false,
          }),
        groups: services.groups,
        onStart: (pipe) => services.processes.expected(pipe),
        onSpawn: (groupId, pipe) => services.processes.started(groupId, pipe),
        onExit: (groupId) => services.processes.ended(groupId),
      },
      signal,
    );
    return attemptOf(result, sandbox);
  }
}

/** The words for a process that never ran, or died of a signal, are those that models have learnt. */
function attemptOf(result: CommandResult, sandbox: SandboxPlan | null): Attempt {
  switch (result.kind) {
    case 'exited':
      return { kind: 'ran', result, sandbox };
    case 'aborted':
      return { kind: 'aborted', output: result };
    case 'signalled':
      return { kind: 'refused', message: `execution error: Sandbox(Signal(${constants.signals[result.signal]}))` };
    case 'spawnFailed':
      return { kind: 'refused', message: `execution error: Io(${spawnErrorText(result)})` };
  }
}

/** Error kinds that models have learnt the names of; every other one is called by its code. */
const SPAWN_ERROR_KIND: Readonly<Record<string, string>> = {
  ENOENT: 'NotFound',
  EACCES: 'PermissionDenied',
  ENOTDIR: 'NotADirectory',
  E2BIG: 'ArgumentListTooLong',
};

const spawnErrorText = ({ code, errno, message }: CommandResult & { kind: 'spawnFailed' }): string =>
  `Os { code: ${errno}, kind: ${SPAWN_ERROR_KIND[code] ?? code}, message: ${JSON.stringify(message)} }`;
