/**
 * The command line. In: the arguments after the program's name. Out: what to do, as plain data; nothing is done here. Throws
 * UsageError for what cannot be read (exit code 2) and StartupError for values that make no sense (exit code 1).
 */
import { parseArgs } from 'node:util';
import { AppError } from './base/errors.ts';
import { APP_SERVER_USAGE, EXPORT_USAGE, PROGRAM_USAGE, SHIM_USAGE } from './cli-help.ts';
import { type CliOverride, featureOverrides, splitOverride } from './config/cli-overrides.ts';

export interface ServeOptions {
  readonly overrides: readonly CliOverride[];
  readonly analyticsDefaultEnabled: boolean;
}

export type Command =
  | ({ readonly kind: 'serve' } & ServeOptions)
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'export';
      readonly format: 'typescript' | 'json-schema';
      readonly folder: string;
      readonly prettier: string | undefined;
    }
  | { readonly kind: 'shim'; readonly folder: string };

/** The arguments cannot be read; the message is followed by the usage. */
export class UsageError extends AppError {
  readonly usage: string;

  constructor(message: string, usage: string, cause?: unknown) {
    super('usage', message, { cause });
    this.usage = usage;
  }
}

const OPTIONS = {
  config: { type: 'string', short: 'c', multiple: true },
  enable: { type: 'string', multiple: true },
  disable: { type: 'string', multiple: true },
  listen: { type: 'string' },
  stdio: { type: 'boolean' },
  'analytics-default-enabled': { type: 'boolean' },
  out: { type: 'string', short: 'o' },
  prettier: { type: 'string', short: 'p' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

const EXPORTS = { 'generate-ts': 'typescript', 'generate-json-schema': 'json-schema' } as const;
type ExportName = keyof typeof EXPORTS;
const isExport = (name: string | undefined): name is ExportName => name !== undefined && Object.hasOwn(EXPORTS, name);

type Values = ReturnType<typeof parse>['values'];

/** What the arguments ask for. No arguments at all start the server, like `app-server` alone. */
export function readCommandLine(args: readonly string[]): Command {
  if (args.length === 0) return { kind: 'serve', overrides: [], analyticsDefaultEnabled: false };
  const { values, positionals } = parse(args);
  const [first, second, ...rest] = positionals;
  switch (first) {
    case undefined:
      if (values.version === true) return { kind: 'version' };
      if (values.help === true) return { kind: 'print', text: PROGRAM_USAGE };
      return serve(values, PROGRAM_USAGE);
    case 'app-server':
      return appServer(values, second, rest);
    case 'shim':
      return shim(values, second, rest);
    case 'help':
      return { kind: 'print', text: second === 'app-server' ? APP_SERVER_USAGE : PROGRAM_USAGE };
    default:
      throw new UsageError(`unrecognized subcommand '${first}'`, PROGRAM_USAGE);
  }
}

function parse(args: readonly string[]) {
  const usage = args.includes('app-server') ? APP_SERVER_USAGE : PROGRAM_USAGE;
  try {
    return parseArgs({ args: joinValues(args), options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(firstSentence(error), usage, error);
  }
}

/** Node refuses `-c -x=1` as ambiguous; behind an option that takes a value the next argument is its value. */
function joinValues(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? '';
    const value = args[at + 1];
    const takesValue = argument === '-c' || argument === '--config';
    if (takesValue && value?.startsWith('-') === true && value.includes('=')) {
      joined.push(`--config=${value}`);
      at += 1;
    } else joined.push(argument);
  }
  return joined;
}

/** Node explains itself in several sentences. */
const firstSentence = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split(/\. |\n/)[0]?.replace(/\.$/, '') ?? '';

function appServer(values: Values, name: string | undefined, rest: readonly string[]): Command {
  if (name === 'help') return { kind: 'print', text: APP_SERVER_USAGE };
  if (name !== undefined && !isExport(name)) {
    throw new UsageError(`unrecognized subcommand '${name}'`, APP_SERVER_USAGE);
  }
  const usage = name === undefined ? APP_SERVER_USAGE : EXPORT_USAGE;
  if (rest.length > 0) throw new UsageError(`unexpected argument '${rest[0]}'`, usage);
  if (values.help === true) return { kind: 'print', text: usage };
  if (values.version === true) throw new UsageError("unexpected argument '--version'", usage);
  if (name === undefined) return serve(values, usage);
  if (values.out === undefined) throw new UsageError('the option --out <DIR> is required', usage);
  return { kind: 'export', format: EXPORTS[name], folder: values.out, prettier: values.prettier };
}

function shim(values: Values, folder: string | undefined, rest: readonly string[]): Command {
  if (values.help === true) return { kind: 'print', text: SHIM_USAGE };
  if (folder === undefined) throw new UsageError('a folder is required', SHIM_USAGE);
  if (rest.length > 0) throw new UsageError(`unexpected argument '${rest[0]}'`, SHIM_USAGE);
  return { kind: 'shim', folder };
}

function serve(values: Values, usage: string): Command {
  if (values.listen !== undefined && values.listen !== 'stdio://') {
    throw new UsageError(`--listen ${values.listen}: only stdio:// is supported`, usage);
  }
  if (values.out !== undefined || values.prettier !== undefined) {
    throw new UsageError(`unexpected argument '${values.out === undefined ? '--prettier' : '--out'}'`, usage);
  }
  return {
    kind: 'serve',
    overrides: [
      ...(values.config ?? []).map(splitOverride),
      ...featureOverrides(values.enable ?? [], values.disable ?? []),
    ],
    analyticsDefaultEnabled: values['analytics-default-enabled'] === true,
  };
}
