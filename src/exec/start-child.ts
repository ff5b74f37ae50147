/**
 * Starts the process of a command, with its sandbox's program in front if it has one. In: the command, the pipes for
 * its output, the held names. Out: the child. Owns nothing. Throws the error of the start.
 */
import type { ChildProcess } from 'node:child_process';
import { Writable } from 'node:stream';
import { startCommand, startProgram } from '../base/own-programs.ts';
import { posixGroups } from '../base/process-groups.ts';
import { coverInherited, type Stream } from './descriptors.ts';
import { loaderVariables, withoutLoaderVariables } from './loader-variables.ts';
import type { NameHold } from './name-hold.ts';
import type { OutputPipes } from './pipes.ts';
import type { CommandSpec } from './run.ts';
import type { SandboxPlan } from './sandbox.ts';

/** The one after the three streams. */
const FILTER_DESCRIPTOR = 3;

/** The child's input uses Node's pipes: they need no folder, and nobody else can open them. */
export function startChild(spec: CommandSpec, pipes: OutputPipes, names: NameHold | null): ChildProcess {
  const { argv, cwd, env, sandbox, stdin, groups = posixGroups } = spec;
  const [program = '', ...args] = sandbox === null ? argv : confinedArgv(spec, sandbox, names);
  const filter = sandbox?.filter ?? null;
  const streams: Stream[] = [stdin === undefined ? 'ignore' : 'pipe', ...pipes.childEnds];
  if (sandbox !== null) streams.push(filter === null ? 'ignore' : 'pipe', ...(names?.descriptors ?? []));
  using covered = coverInherited(streams, sandbox?.inherited ?? []);
  const stdio = covered.streams;
  const options = { detached: groups.startsDetached, windowsHide: true, stdio };
  const child =
    sandbox === null
      ? startCommand(program, args, { ...options, cwd: spec.folder?.at('.') ?? cwd, env })
      : startProgram(program, args, { ...options, cwd, env: withoutLoaderVariables(env) });
  if (stdin !== undefined) send(child.stdin, stdin);
  if (filter !== null) send(child.stdio[FILTER_DESCRIPTOR], filter);
  return child;
}

function confinedArgv({ argv, cwd, env }: CommandSpec, plan: SandboxPlan, names: NameHold | null): string[] {
  const { guard, program, args, filter } = plan;
  const filterArgs = filter === null ? [] : ['--seccomp', String(FILTER_DESCRIPTOR)];
  const variables = loaderVariables(env).flatMap(([name, value]) => ['--setenv', name, value]);
  return [
    ...guard,
    program,
    ...args,
    ...(names?.args ?? []),
    ...variables,
    '--chdir',
    cwd,
    ...filterArgs,
    '--',
    ...argv,
  ];
}

/** A child that ends before it has read everything is not an error. */
function send(input: unknown, content: string | Buffer): void {
  if (!(input instanceof Writable)) return;
  input.on('error', () => input.destroy());
  input.end(content, () => input.destroy());
}
