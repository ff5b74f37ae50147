/** Runs one script in the sandbox in a process of its own, and prints how it ended. In: one argument, an `Attempt` as JSON. */
import { runCommand } from '../../../src/exec/run.ts';
import { confinementFor, findSandbox } from '../../../src/exec/sandbox.ts';
import type { Attempt } from './attempt.ts';

const { cwd, script, network, roots, allowed }: Attempt = JSON.parse(process.argv[2] ?? '');
const env: Readonly<Record<string, string | undefined>> = { CODEX_HOME: '/', ...process.env };
const confinement = confinementFor({
  policy: {
    type: 'workspaceWrite',
    writableRoots: [...(roots ?? [])],
    networkAccess: network ?? false,
    excludeTmpdirEnvVar: true,
    excludeSlashTmp: true,
  },
  cwd,
  env,
  allowedSockets: allowed ?? [],
  availability: await findSandbox(env),
});
const run = async (): Promise<unknown> => {
  if (confinement.kind !== 'planned') return confinement;
  const { plan } = confinement;
  const spec = {
    argv: ['/bin/sh', '-c', script],
    cwd,
    env: { PATH: env.PATH ?? '', ...(env.PERL5OPT === undefined ? {} : { PERL5OPT: env.PERL5OPT }) },
    timeoutMs: 60_000,
    sandbox: plan,
  };
  return runCommand(spec, new AbortController().signal);
};
process.stdout.write(JSON.stringify(await run()));
