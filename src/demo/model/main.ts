/**
 * Starts the embedded model as a program of its own:
 *
 *   node dist/embedded-model.js [--port N] [--delay-ms N]
 *
 * Prints its address as the only line on stdout and runs until SIGTERM or SIGINT.
 */
import { parseArgs } from 'node:util';
import { messageOf } from '../../base/errors.ts';
import { GRAMMAR } from './grammar.ts';
import { EmbeddedModel } from './server.ts';

const USAGE = `Usage: embedded-model [--port N] [--delay-ms N]

A Responses API on 127.0.0.1 that carries out prompts of this grammar:

${GRAMMAR}
`;

const count = (name: string, text: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${name} must be a whole number`);
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      'delay-ms': { type: 'string', default: '0' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  const port = count('port', values.port);
  const model = await EmbeddedModel.start({ port, deltaDelayMs: count('delay-ms', values['delay-ms']) });
  process.stdout.write(`${model.baseUrl}\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await model[Symbol.asyncDispose]();
}

main().catch((error: unknown) => {
  process.stderr.write(`Error: ${messageOf(error)}\n`);
  process.exitCode = 1;
});
