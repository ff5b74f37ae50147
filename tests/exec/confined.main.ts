/** Runs one script in the sandbox of a folder, in a process of its own, and prints how it ended: FOLDER SCRIPT. */
import { runCommand } from '../../src/exec/run.ts';
import { confinementFor, findSandbox } from '../../src/exec/sandbox.ts';

const [cwd = '', script = ''] = process.argv.slice(2);
const env = { PATH: process.env.PATH ?? '', CODEX_HOME: '/' };
const policy = {
  type: 'workspaceWrite' as const,
  writableRoots: [],
  networkAccess: false,
  excludeTmpdirEnvVar: true,
  excludeSlashTmp: true,
};
const confinement = confinementFor({ policy, cwd, env, availability: await findSandbox(env) });
if (confinement.kind !== 'planned') throw new Error(JSON.stringify(confinement));
const { plan } = confinement;
const spec = { argv: ['/bin/sh', '-c', script], cwd, env: { PATH: env.PATH }, timeoutMs: 60_000, sandbox: plan };
const result = await runCommand(spec, new AbortController().signal);
process.stdout.write(JSON.stringify(result));
