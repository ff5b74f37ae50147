/** What the demo is asked to do. In: arguments and environment. Out: options, or the text to print instead. */
import { parseArgs } from 'node:util';
import { GRAMMAR } from './model/grammar.ts';

export interface DemoOptions {
  /** `-c key=value` for the server, as given. */
  readonly overrides: readonly string[];
  readonly model: 'embedded' | 'openai' | 'configured';
  readonly prompt: string | null;
  readonly queries: readonly string[];
  readonly unconfined: boolean;
  readonly keep: boolean;
}

export const USAGE = `Usage: npm start -- [options]

Starts the server, searches the repository you stand in, and runs one turn that
runs a command and edits a file in a scratch folder.

  --embedded            use the embedded model even if a key is set
  --prompt TEXT         ask this in the turn (then nothing is checked but its success)
  --query TEXT          search for this (may be repeated)
  --unconfined          run the turn's commands although there is no sandbox
  --keep                leave the scratch folder for you to look at
  -c, --config KEY=VAL  passed on to the server; with model_provider=… that provider
                        is used, e.g. -c model_provider=mine
                        -c model_providers.mine.base_url=http://localhost:8080/v1
                        -c model_providers.mine.name=Mine
                        -c model_providers.mine.wire_api=responses -c model=my-model
  -h, --help

Model: with OPENAI_API_KEY set, the OpenAI API (OPENAI_BASE_URL moves it, -c model=…
chooses the model); the key stays in the environment. Otherwise an embedded one that
needs no network and understands:

${GRAMMAR.replaceAll(/^(?=.)/gm, '  ')}
`;

/** Throws an Error with a message for the user when the arguments cannot be read. */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: 'string', short: 'c', multiple: true, default: [] },
      embedded: { type: 'boolean', default: false },
      prompt: { type: 'string' },
      query: { type: 'string', multiple: true, default: [] },
      unconfined: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  const hasKey = (env.OPENAI_API_KEY ?? '').trim() !== '';
  const configured = values.config.some((override) => /^\s*model_provider\s*=/.test(override));
  if (configured && values.embedded) throw new Error('--embedded and -c model_provider=… exclude each other');
  return {
    overrides: values.config,
    model: configured ? 'configured' : hasKey && !values.embedded ? 'openai' : 'embedded',
    prompt: values.prompt ?? null,
    queries: values.query,
    unconfined: values.unconfined,
    keep: values.keep,
  };
}
