/**
 * Confinement of commands on Linux with bubblewrap. In: a sandbox policy, the turn's folder, the server's environment.
 * Out: a plan that `run.ts` puts in front of the command, or a refusal. A confined policy never yields anything else:
 * without a sandbox the command does not run. Nothing is kept here; callers may keep the result of `findSandbox`.
 */
import { isAbsolute } from 'node:path';
import { AppError } from '../base/errors.ts';
import { isExecutableFile } from '../base/executable.ts';
import { errorCode, osErrorText } from '../base/os-error.ts';
import { runProgram } from '../base/own-programs.ts';
import { findProgram, isOutOf } from '../base/program-places.ts';
import type { SandboxPolicy } from '../protocol/policies.ts';
import { abstractSocketGuard } from './abstract-sockets.ts';
import { inheritedDescriptors } from './descriptors.ts';
import { type Environment, hasNetwork } from './environment.ts';
import { hiddenFiles } from './hidden-files.ts';
import { kernelMounts } from './kernel-files.ts';
import { NameHold } from './name-hold.ts';
import { Placeholders } from './placeholders.ts';
import { holdRoots, isOfKernel, problemOfRoots, rootsNow, type WritableRoot } from './roots.ts';
import { systemCallFilter } from './seccomp.ts';
import { type SocketMounts, socketMounts } from './sockets.ts';
import { loginFolders, protectionsFor } from './writable-roots.ts';

/** What of bubblewrap's isolation this machine allows. A process namespace is part of all: a command must not signal us. */
interface Isolation {
  /** A user namespace of its own; only asked for explicitly where root has to have one. */
  readonly user: boolean;
  /** A /proc of its own. Without it the outer one is shown, read-only, which tells of processes and gives no hold on them. */
  readonly proc: boolean;
  readonly network: boolean;
}

export type SandboxAvailability =
  | {
      readonly kind: 'bubblewrap';
      readonly path: string;
      readonly isolation: Isolation;
      /** It takes roots by descriptor. */
      readonly takesDescriptors: boolean;
      readonly inherited: readonly number[];
      /** Goes in front where the network namespace is shared; null where that cannot be had. */
      readonly abstractSocketGuard: readonly string[] | null;
      readonly placeholders: Placeholders;
    }
  | {
      readonly kind: 'unavailable';
      readonly reason: string /** What the user can do about it. */;
      readonly remedy: string;
      /** It is worth looking again: the machine had no room to find out. */
      readonly isForNow?: true;
    };

/** How to confine one command. */
export interface SandboxPlan {
  /** In front of the program; empty when nothing has to be. */
  readonly guard: readonly string[];
  readonly program: string;
  /** Arguments in front of the command. */
  readonly args: readonly string[];
  /** Loaded by the program from file descriptor 3 before the command starts. */
  readonly filter: Buffer | null;
  readonly deniesNetwork: boolean;
  /** Descriptors that the command must not have. */
  readonly inherited: readonly number[];
  /** Takes hold of the writable roots and the protected names, for as long as the command runs. Throws `RootMoved`. */
  readonly holdNames: () => NameHold;
}

export type Confinement =
  | { readonly kind: 'none' }
  | { readonly kind: 'planned'; readonly plan: SandboxPlan }
  | { readonly kind: 'refused'; readonly message: string };

/** Names the program to use instead of the first `bwrap` on PATH. */
export const SANDBOX_PROGRAM_VARIABLE = 'SHARDEX_BWRAP';

const PROBE_TIMEOUT_MS = 5_000;

/** From the strongest to the weakest that still denies what it must; the outer /proc is safe in a user namespace only. */
const ISOLATIONS: readonly Isolation[] = [
  { user: false, proc: true, network: true },
  { user: true, proc: true, network: true },
  { user: true, proc: false, network: true },
  { user: true, proc: true, network: false },
  { user: true, proc: false, network: false },
];

// As root without a user namespace a command keeps what root needs to reach files of other owners, and nothing that
// could undo the mounts or open files behind their back.
const KEPT_CAPABILITIES = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_FSETID'];

/** Looks for a sandbox that works here, by running an empty command in it. Never rejects. */
export async function findSandbox(env: Environment): Promise<SandboxAvailability> {
  if (process.platform !== 'linux') return unavailable('it exists on Linux only', CHOOSE_ANOTHER);
  const path = programPath(env);
  if (path === undefined)
    return unavailable(
      'no bwrap program was found',
      `install the package "bubblewrap", which provides it, ${OR_CHOOSE}`,
    );
  const more = Promise.all([takesRootsByDescriptor(path), abstractSocketGuard()]); // neither rejects
  let failure = '';
  for (const isolation of ISOLATIONS) {
    if (!isolation.network && systemCallFilter(process.arch, { network: false }) === null) continue;
    const problem = await problemWith(path, [...isolationArgs(isolation, true), ...baseArgs(isolation, false)]);
    if (problem === null) {
      const [takesDescriptors, guard] = await more;
      const found = { path, isolation, takesDescriptors, abstractSocketGuard: guard };
      const inherited = inheritedDescriptors();
      return { kind: 'bubblewrap', ...found, inherited, placeholders: new Placeholders() };
    }
    if (typeof problem !== 'string') return forNow(path, problem);
    failure ||= problem;
  }
  if ((await problemWith(path, ['--unshare-user', '--ro-bind', '/', '/'])) === null)
    return unavailable(
      `${path} cannot make a process namespace here, without which a command could end this server: ${failure}`,
      `allow process and IPC namespaces (user.max_pid_namespaces, user.max_ipc_namespaces), ${OR_CHOOSE}`,
    );
  return unavailable(`${path} does not work here: ${failure}`, `allow it to create namespaces, ${OR_CHOOSE}`);
}

/** Why an empty command cannot be run with these arguments: in words, or as a failure that passes; null when it can. */
async function problemWith(path: string, args: readonly string[]): Promise<string | Error | null> {
  try {
    await runProgram(path, [...args, '--', '/bin/sh', '-c', ':'], { env: {}, cwd: '/', timeoutMs: PROBE_TIMEOUT_MS })
      .output;
    return null;
  } catch (error) {
    if (!(error instanceof Error)) return String(error);
    return isTransient(error) ? error : lastLine(error.message);
  }
}

/** Versions before 0.10 do not, unless their distribution has added it. */
async function takesRootsByDescriptor(path: string): Promise<boolean> {
  try {
    const text = await runProgram(path, ['--help'], { env: {}, cwd: '/', timeoutMs: PROBE_TIMEOUT_MS }).output;
    return text.includes(' --bind-fd ');
  } catch {
    return false;
  }
}

/** Failures to start any program at all, which pass. */
const TRANSIENT: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);

const isTransient = (error: Error): boolean => TRANSIENT.has(errorCode(error));

const forNow = (path: string, error: Error): SandboxAvailability => ({
  kind: 'unavailable',
  reason: `${path} could not be started: ${osErrorText(error)}`,
  remedy: 'try again when other work has ended',
  isForNow: true,
});

const unavailable = (reason: string, remedy: string): SandboxAvailability => ({ kind: 'unavailable', reason, remedy });

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? text;

function programPath(env: Environment): string | undefined {
  const named = env[SANDBOX_PROGRAM_VARIABLE];
  if (named !== undefined) return isAbsolute(named) && isExecutableFile(named) ? named : undefined;
  return findProgram('bwrap', { path: env.PATH, avoid: 'writable' });
}

export interface ConfinementRequest {
  readonly policy: SandboxPolicy;
  /** The turn's folder, which is writable under workspaceWrite; not that of the single command. */
  readonly cwd: string;
  /** The server's environment. */
  readonly env: Environment;
  /** What the policy's roots were when the thread was given them; as they are now by default. */
  readonly roots?: readonly WritableRoot[];
  /** Folders that the user's configuration names as trusted; none by default. */
  readonly trusted?: readonly string[];
  /** Sockets that the user's configuration allows; none by default. */
  readonly allowedSockets?: readonly string[];
  readonly availability: SandboxAvailability;
}

/** What has to be done to run a command under a policy. */
export function confinementFor(request: ConfinementRequest): Confinement {
  const { policy, cwd, env, availability } = request;
  if (policy.type === 'dangerFullAccess' || policy.type === 'externalSandbox') return { kind: 'none' };
  if (availability.kind === 'unavailable')
    return { kind: 'refused', message: refusalText(availability.reason, availability.remedy) };
  const { path, isolation, inherited } = availability;
  const deniesNetwork = !hasNetwork(policy);
  const filter = systemCallFilter(process.arch, { network: !deniesNetwork });
  if (deniesNetwork && filter === null && !isolation.network)
    return refused('the network cannot be denied on this kind of machine', CHOOSE_ANOTHER);
  const roots = (request.roots ?? rootsNow(policy, cwd, env)).filter(({ place }) => !isOfKernel(place));
  const problem = problemOfRoots(roots);
  if (problem !== null) return { kind: 'refused', message: `sandbox: ${problem}.` };
  const places = roots.map(({ place }) => place);
  if (!isOutOf(places)(path)) return refused(`${path} lies in a folder that commands may write to`, MOVE_IT);
  const allowed = request.allowedSockets ?? [];
  const sockets = (): SocketMounts | null =>
    deniesNetwork && filter !== null ? NO_SOCKETS : socketMounts({ roots: places, env, allowed });
  if (sockets() === null) return refused(TOO_MANY_SOCKETS, 'switch the network off');
  const args = [...isolationArgs(isolation, deniesNetwork), ...baseArgs(isolation, places.includes('/'))];
  const holdNames = (): NameHold => {
    const hiddenSockets = sockets();
    if (hiddenSockets === null) throw new AppError('sandbox-failed', TOO_MANY_SOCKETS);
    const held = holdRoots(roots, availability.takesDescriptors);
    const real = held.map(({ place }) => place);
    const protections = protectionsFor(real, cwd, { env, trusted: request.trusted ?? [] });
    const { placeholders } = availability;
    const hidden = hiddenFiles(loginFolders(env), real);
    return new NameHold({ roots: held, protections, sockets: hiddenSockets, hidden, placeholders });
  };
  const guard = deniesNetwork ? [] : (availability.abstractSocketGuard ?? []);
  return { kind: 'planned', plan: { guard, program: path, args, filter, deniesNetwork, inherited, holdNames } };
}

const MOVE_IT = 'install it where only the system can';
const CHOOSE_ANOTHER = 'choose the policy danger-full-access';
const OR_CHOOSE = `or ${CHOOSE_ANOTHER}`;

/** Why a confined command is not run, and what to do about it. */
const refusalText = (reason: string, remedy: string): string =>
  `sandbox unavailable: ${reason}. Commands under this sandbox policy run in bubblewrap; ${remedy}.`;

const TOO_MANY_SOCKETS = 'there are more socket files than can be hidden';

/** Without network there is nothing to connect to them with. */
const NO_SOCKETS: SocketMounts = { mounts: new Map(), after: [] };

const refused = (reason: string, remedy: string): Confinement => ({
  kind: 'refused',
  message: refusalText(reason, remedy),
});

function isolationArgs(isolation: Isolation, deniesNetwork: boolean): string[] {
  const args = ['--die-with-parent', '--cap-drop', 'ALL', '--unshare-pid', '--unshare-ipc'];
  if (isolation.user) args.push('--unshare-user');
  else if (process.getuid?.() === 0) args.push(...KEPT_CAPABILITIES.flatMap((name) => ['--cap-add', name]));
  if (isolation.network && deniesNetwork) args.push('--unshare-net');
  return args;
}

/** Process 1 inside is bubblewrap itself, which no filter holds: whoever wrote to its memory would be free of the filter, too. */
const FIRST_PROCESS = ['--tmpfs', '/proc/1', '--remount-ro', '/proc/1'];

function baseArgs(isolation: Isolation, isAllWritable: boolean): string[] {
  const disk = isAllWritable ? ['--bind', '/', '/', '--ro-bind-try', '/sys', '/sys'] : ['--ro-bind', '/', '/'];
  const proc = isolation.proc
    ? ['--proc', '/proc', ...FIRST_PROCESS, ...kernelMounts()]
    : ['--ro-bind', '/proc', '/proc'];
  return [...disk, '--dev', '/dev', ...proc];
}
