/**
 * Confinement of commands on Linux with bubblewrap. In: a sandbox policy, the turn's folder, the server's environment.
 * Out: a plan that `run.ts` puts in front of the command, or a refusal. A confined policy never yields anything else:
 * without a sandbox the command does not run. Nothing is kept here; callers may keep the result of `findSandbox`.
 */
import { execFile } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { isExecutableFile } from '../base/executable.ts';
import type { SandboxPolicy } from '../protocol/policies.ts';
import { type Environment, hasNetwork } from './environment.ts';
import { NameHold } from './name-hold.ts';
import { Placeholders } from './placeholders.ts';
import { networkFilter } from './seccomp.ts';
import { protectionsFor, realPaths, writableRoots } from './writable-roots.ts';

/** What of bubblewrap's isolation this machine allows. */
export interface Isolation {
  /** A user namespace of its own; only asked for explicitly where root has to have one. */
  readonly user: boolean;
  /** A process namespace: nothing a command starts outlives it. */
  readonly processes: boolean;
  readonly network: boolean;
}

export type SandboxAvailability =
  | {
      readonly kind: 'bubblewrap';
      readonly path: string;
      readonly isolation: Isolation;
      readonly placeholders: Placeholders;
    }
  | {
      readonly kind: 'unavailable';
      readonly reason: string /** What the user can do about it. */;
      readonly remedy: string;
    };

/** How to confine one command. */
export interface SandboxPlan {
  readonly program: string;
  /** Arguments in front of the command. */
  readonly args: readonly string[];
  /** Loaded by the program from file descriptor 3 before the command starts. */
  readonly networkFilter: Buffer | null;
  readonly deniesNetwork: boolean;
  /** Takes hold of the protected names, for as long as the command runs. */
  readonly holdNames: () => NameHold;
}

export type Confinement =
  | { readonly kind: 'none' }
  | { readonly kind: 'planned'; readonly plan: SandboxPlan }
  | { readonly kind: 'refused'; readonly message: string };

/** Names the program to use instead of the first `bwrap` on PATH. */
export const SANDBOX_PROGRAM_VARIABLE = 'SHARDEX_BWRAP';

const PROBE_TIMEOUT_MS = 5_000;

/** From the strongest to the weakest that still denies what it must. */
const ISOLATIONS: readonly Isolation[] = [
  { user: false, processes: true, network: true },
  { user: true, processes: true, network: true },
  { user: true, processes: false, network: true },
  { user: true, processes: true, network: false },
  { user: true, processes: false, network: false },
];

// As root without a user namespace a command keeps what root needs to reach files of other owners, and nothing that
// could undo the mounts or open files behind their back.
const KEPT_CAPABILITIES = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_FSETID'];

const run = promisify(execFile);

/** Looks for a sandbox that works here, by running an empty command in it. Never rejects. */
export async function findSandbox(env: Environment): Promise<SandboxAvailability> {
  if (process.platform !== 'linux') return unavailable('it exists on Linux only', CHOOSE_ANOTHER);
  const path = programPath(env);
  if (path === undefined)
    return unavailable(
      'no bwrap program was found',
      `install the package "bubblewrap", which provides it, ${OR_CHOOSE}`,
    );
  let failure = '';
  for (const isolation of ISOLATIONS) {
    if (!isolation.network && networkFilter(process.arch) === null) continue;
    try {
      const args = [...isolationArgs(isolation, true), ...baseArgs(isolation, false), '--', '/bin/sh', '-c', ':'];
      await run(path, args, { env: {}, timeout: PROBE_TIMEOUT_MS });
      return { kind: 'bubblewrap', path, isolation, placeholders: new Placeholders() };
    } catch (error) {
      failure ||= error instanceof Error ? lastLine(error.message) : String(error);
    }
  }
  return unavailable(`${path} does not work here: ${failure}`, `allow it to create namespaces, ${OR_CHOOSE}`);
}

const unavailable = (reason: string, remedy: string): SandboxAvailability => ({ kind: 'unavailable', reason, remedy });

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? text;

function programPath(env: Environment): string | undefined {
  const named = env[SANDBOX_PROGRAM_VARIABLE];
  if (named !== undefined) return isAbsolute(named) && isExecutableFile(named) ? named : undefined;
  // A relative entry would let the folder that is worked in provide its own sandbox.
  const folders = (env.PATH ?? '').split(':').filter(isAbsolute);
  return folders.map((folder) => join(folder, 'bwrap')).find(isExecutableFile);
}

export interface ConfinementRequest {
  readonly policy: SandboxPolicy;
  /** The turn's folder, which is writable under workspaceWrite; not that of the single command. */
  readonly cwd: string;
  /** The server's environment. */
  readonly env: Environment;
  /** Folders that the user's configuration names as trusted; none by default. */
  readonly trusted?: readonly string[];
  readonly availability: SandboxAvailability;
}

/** What has to be done to run a command under a policy. */
export function confinementFor({ policy, cwd, env, trusted = [], availability }: ConfinementRequest): Confinement {
  if (policy.type === 'dangerFullAccess' || policy.type === 'externalSandbox') return { kind: 'none' };
  if (availability.kind === 'unavailable')
    return { kind: 'refused', message: refusalText(availability.reason, availability.remedy) };
  const { path, isolation, placeholders } = availability;
  const deniesNetwork = !hasNetwork(policy);
  const filter = deniesNetwork ? networkFilter(process.arch) : null;
  if (deniesNetwork && filter === null && !isolation.network) {
    return {
      kind: 'refused',
      message: refusalText('the network cannot be denied on this kind of machine', CHOOSE_ANOTHER),
    };
  }
  const roots = [...new Set(writableRoots(policy, cwd, env).flatMap(realPaths))];
  const args = [...isolationArgs(isolation, deniesNetwork), ...baseArgs(isolation, roots.includes('/'))];
  const holdNames = (): NameHold => {
    const protections = protectionsFor(roots, cwd, { env, trusted });
    // Without a process namespace something may outlive its command, and the names are kept until the server ends.
    return new NameHold({ roots, protections, placeholders, outlivesCommand: !isolation.processes });
  };
  return { kind: 'planned', plan: { program: path, args, networkFilter: filter, deniesNetwork, holdNames } };
}

const CHOOSE_ANOTHER = 'choose the policy danger-full-access';
const OR_CHOOSE = `or ${CHOOSE_ANOTHER}`;

/** Why a confined command is not run, and what to do about it. */
export const refusalText = (reason: string, remedy: string): string =>
  `sandbox unavailable: ${reason}. Commands under this sandbox policy run in bubblewrap; ${remedy}.`;

function isolationArgs(isolation: Isolation, deniesNetwork: boolean): string[] {
  const args = ['--die-with-parent', '--cap-drop', 'ALL'];
  if (isolation.user) args.push('--unshare-user');
  else if (process.getuid?.() === 0) args.push(...KEPT_CAPABILITIES.flatMap((name) => ['--cap-add', name]));
  if (isolation.processes) args.push('--unshare-pid');
  if (isolation.network && deniesNetwork) args.push('--unshare-net');
  return args;
}

function baseArgs(isolation: Isolation, isAllWritable: boolean): string[] {
  const base = [isAllWritable ? '--bind' : '--ro-bind', '/', '/', '--dev', '/dev'];
  return isolation.processes ? [...base, '--proc', '/proc'] : base;
}
