// Entry of the `apply_patch` child process: arguments or standard input in, changed files and a summary out.
import { buffer } from 'node:stream/consumers';
import { runApplyPatch } from '../src/patch/program.ts';
import { boundedInput } from '../src/patch/text-file.ts';

async function main(): Promise<void> {
  const { exitCode, stdout, stderr } = await runApplyPatch({
    args: process.argv.slice(2),
    cwd: process.cwd(),
    readStdin: () => buffer(boundedInput(process.stdin)),
  });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = exitCode;
}

void main();
