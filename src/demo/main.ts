/**
 * `npm start`: shows the server at work. In: arguments, the environment, a terminal. Out: what happens, and an exit code
 * that is 0 only when all of it happened. Owns a scratch folder, the server it starts, and the embedded model if that is
 * the one in use; all are gone when it ends.
 */
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { readOptions, USAGE } from './options.ts';
import { runDemo } from './run.ts';
import { Screen } from './screen.ts';

const interrupted = new AbortController();

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new Error('interrupted')));
  }
  const output = { write: (text: string) => void process.stdout.write(text), isTTY: process.stdout.isTTY === true };
  return await runDemo(options, {
    screen: new Screen(output, process.env),
    env: process.env,
    cwd: process.cwd(),
    serverProgram: fileURLToPath(new URL('./main.js', import.meta.url)),
    nowMs: systemClock.steadyMs,
    ask: process.stdin.isTTY && process.stdout.isTTY ? askUser : null,
    signal: interrupted.signal,
  });
}

async function askUser(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await prompt.question(question, { signal: interrupted.signal })).trim());
  } finally {
    prompt.close();
  }
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    process.stderr.write(`Error: ${messageOf(error)}\n`);
    process.exitCode = 1;
  },
);
