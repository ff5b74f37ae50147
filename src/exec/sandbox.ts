/**
 * Confinement of commands on Linux with bubblewrap. In: a sandbox policy, the turn's folder, the server's
 * environment. Out: a plan that `run.ts` applies to the command, or a refusal. A confined policy has no other
 * outcome: without a sandbox the command does not run. Keeps nothing; callers may keep the result of `findSandbox`.
 */
import { isAbsolute } from 'node:path';
import { AppError } from '../base/errors.ts';
import { isExecutableFile } from '../base/executable.ts';
import { errorCode, osErrorText } from '../base/os-error.ts';
import { runProgram } from '../base/own-programs.ts';
import type { Env } from '../base/paths.ts';
import { supports } from '../base/platform.ts';
import { findProgram, isOutOf } from '../base/program-places.ts';
import type { SandboxPolicy } from '../protocol/policies.ts';
import { abstractSocketGuard } from './abstract-sockets.ts';
import { inheritedDescriptors } from './descriptors.ts';
import { hasNetwork } from './environment.ts';
import { hiddenFiles } from './hidden-files.ts';
import { kernelMounts } from './kernel-files.ts';
import { NameHold } from './name-hold.ts';
import { Placeholders } from './placeholders.ts';
import { holdRoots, isKernelPath, problemOfRoots, rootsNow, type WritableRoot } from './roots.ts';
import { systemCallFilter } from './seccomp.ts';
import { type SocketMounts, socketMounts } from './sockets.ts';
import { loginFolders, protectionsFor } from './writable-roots.ts';

/**
 * The parts of bubblewrap's isolation that work on this machine. All include a PID namespace: a command must not
 * signal us.
 */
interface Isolation {
  /** A user namespace; requested explicitly only if root needs one. */
  readonly user: boolean;
  /**
   * A /proc of its own. Otherwise the outer one is mounted read-only, which reveals processes but gives no control of
   * them.
   */
  readonly proc: boolean;
  readonly network: boolean;
}

export type SandboxAvailability =
  | {
      readonly kind: 'bubblewrap';
      readonly path: string;
      readonly isolation: Isolation;
      /** Whether it accepts roots by descriptor. */
      readonly takesDescriptors: boolean;
      readonly inherited: readonly number[];
      /** Prefix for a shared network namespace; null where that is not possible. */
      readonly abstractSocketGuard: readonly string[] | null;
      readonly placeholders: Placeholders;
    }
  | {
      readonly kind: 'unavailable';
      readonly reason: string /** What the user can do about it. */;
      readonly remedy: string;
      /** The failure is temporary: the machine had no resources to check. */
      readonly isForNow?: true;
    };

/** How to confine one command. */
export interface SandboxPlan {
  /** Prefix of the program; empty if none is needed. */
  readonly guard: readonly string[];
  readonly program: string;
  /** Arguments before the command. */
  readonly args: readonly string[];
  /** Loaded by the program from file descriptor 3 before the command starts. */
  readonly filter: Buffer | null;
  readonly deniesNetwork: boolean;
  /** Descriptors that the command must not inherit. */
  readonly inherited: readonly number[];
  /** Holds the writable roots and the protected names while the command runs. Throws `RootMoved`. */
  readonly holdNames: () => NameHold;
}

export type Confinement =
  | { readonly kind: 'none' }
  | { readonly kind: 'planned'; readonly plan: SandboxPlan }
  | { readonly kind: 'refused'; readonly message: string };

/** Names the program to use instead of the first `bwrap` on PATH. */
export const SANDBOX_PROGRAM_VARIABLE = 'SHARDEX_BWRAP';

const PROBE_TIMEOUT_MS = 5_000;

/** From strongest to weakest; all deny what they must. The outer /proc is safe in a user namespace only. */
const ISOLATIONS: readonly Isolation[] = [
  { user: false, proc: true, network: true },
  { user: true, proc: true, network: true },
  { user: true, proc: false, network: true },
  { user: true, proc: true, network: false },
  { user: true, proc: false, network: false },
];

// Without a user namespace, a command of root keeps the capabilities for files of other owners, and none that could
// undo the mounts or bypass them.
const KEPT_CAPABILITIES = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_FSETID'];

/** Finds a sandbox that works on this machine by running an empty command in it. Never rejects. */
export async function findSandbox(env: Env): Promise<SandboxAvailability> {
  if (!supports('confinement')) return unavailable('it exists on Linux only', CHOOSE_ANOTHER);
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

/** Why an empty command fails with these arguments: a text, or the error if it is temporary; null if it works. */
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

/** Temporary failures to start any program. */
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

function programPath(env: Env): string | undefined {
  const named = env[SANDBOX_PROGRAM_VARIABLE];
  if (named !== undefined) return isAbsolute(named) && isExecutableFile(named) ? named : undefined;
  return findProgram('bwrap', { path: env.PATH, avoid: 'writable' });
}

export interface ConfinementRequest {
  readonly policy: SandboxPolicy;
  /** The turn's folder, which is writable under workspaceWrite; not that of the single command. */
  readonly cwd: string;
  /** The server's environment. */
  readonly env: Env;
  /** The policy's roots as they were when the thread got them; by default as they are now. */
  readonly roots?: readonly WritableRoot[];
  /** Folders that the user's configuration trusts; none by default. */
  readonly trusted?: readonly string[];
  /** Sockets that the user's configuration allows; none by default. */
  readonly allowedSockets?: readonly string[];
  readonly availability: SandboxAvailability;
}

/** Decides how to run a command under a policy. */
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
  const roots = (request.roots ?? rootsNow(policy, cwd, env)).filter(({ realPath }) => !isKernelPath(realPath));
  const problem = problemOfRoots(roots);
  if (problem !== null) return { kind: 'refused', message: `sandbox: ${problem}.` };
  const rootPaths = roots.map(({ realPath }) => realPath);
  if (!isOutOf(rootPaths)(path)) return refused(`${path} lies in a folder that commands may write to`, MOVE_IT);
  const allowed = request.allowedSockets ?? [];
  const sockets = (): SocketMounts | null =>
    deniesNetwork && filter !== null ? NO_SOCKETS : socketMounts({ roots: rootPaths, env, allowed });
  if (sockets() === null) return refused(TOO_MANY_SOCKETS, 'switch the network off');
  const args = [...isolationArgs(isolation, deniesNetwork), ...baseArgs(isolation, rootPaths.includes('/'))];
  const holdNames = (): NameHold => {
    const hiddenSockets = sockets();
    if (hiddenSockets === null) throw new AppError('sandbox-failed', TOO_MANY_SOCKETS);
    const held = holdRoots(roots, availability.takesDescriptors);
    const real = held.map(({ realPath }) => realPath);
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

/** Why a confined command does not run, and what to do about it. */
const refusalText = (reason: string, remedy: string): string =>
  `sandbox unavailable: ${reason}. Commands under this sandbox policy run in bubblewrap; ${remedy}.`;

const TOO_MANY_SOCKETS = 'there are more socket files than can be hidden';

/** Without network they cannot be connected to. */
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

/**
 * Process 1 in the sandbox is bubblewrap itself, which has no filter: a process that wrote to its memory would escape
 * the filter.
 */
const FIRST_PROCESS = ['--tmpfs', '/proc/1', '--remount-ro', '/proc/1'];

function baseArgs(isolation: Isolation, isAllWritable: boolean): string[] {
  const disk = isAllWritable ? ['--bind', '/', '/', '--ro-bind-try', '/sys', '/sys'] : ['--ro-bind', '/', '/'];
  const proc = isolation.proc
    ? ['--proc', '/proc', ...FIRST_PROCESS, ...kernelMounts()]
    : ['--ro-bind', '/proc', '/proc'];
  return [...disk, '--dev', '/dev', ...proc];
}
