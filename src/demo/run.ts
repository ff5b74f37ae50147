/** The demo from beginning to end. In: options and surroundings. Out: the exit code; problems are told on the screen. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { VERSION } from '../base/version.ts';
import { findSandbox } from '../exec/sandbox.ts';
import { AppServer } from './app-server.ts';
import { EMBEDDED_MODEL, EmbeddedModel } from './model/server.ts';
import type { DemoOptions } from './options.ts';
import { NOTES, type Provider, Scratch } from './scratch.ts';
import { duration, type Screen } from './screen.ts';
import { repositoryRoot, searchDemo } from './search.ts';
import { type TurnSummary, turnDemo } from './turn.ts';

export interface Surroundings {
  readonly screen: Screen;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The bundle of the server. */
  readonly serverProgram: string;
  /** A steady counter in milliseconds. */
  readonly nowMs: () => number;
  /** Asks a person; null when there is none. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
  readonly signal: AbortSignal;
}

/** Long enough for a real model to think; the embedded one needs a second. */
const LIMIT_MS = 300_000;
/** Quick enough to be over soon, slow enough to be seen. */
const DELTA_DELAY_MS = 6;

const GREETING = 'greeting.txt';
const COMMAND = `echo Hello from Shardex > ${GREETING}`;

/** In the grammar of the embedded model. */
const EMBEDDED_PROMPT =
  `run \`${COMMAND}\` then show ${NOTES.file} then replace "${NOTES.from}" with "${NOTES.to}" in ${NOTES.file} ` +
  'then say "The notes are finished."';

/** The same for a model that reads English. */
const PLAIN_PROMPT =
  `Do two things in this folder. First run the shell command \`${COMMAND}\`. Then use the apply_patch tool to replace ` +
  `"${NOTES.from}" with "${NOTES.to}" in ${NOTES.file}. Change nothing else, and say in one sentence what you did.`;

export async function runDemo(options: DemoOptions, at: Surroundings): Promise<number> {
  const { screen } = at;
  const signal = AbortSignal.any([at.signal, AbortSignal.timeout(LIMIT_MS)]);
  screen.line(screen.styled('bold', 'Shardex demo'));
  await using scratch = await Scratch.create(options.keep);
  await using model = options.model === 'embedded' ? await embeddedModel(screen) : null;
  await scratch.configure(providerFor(options, model, at.env));
  const args = ['app-server', ...options.overrides.flatMap((override) => ['-c', override])];
  const env = { ...at.env, ...(model === null ? {} : pastProxies(at.env)), CODEX_HOME: scratch.home };
  await using server = new AppServer(at.serverProgram, args, env);
  try {
    const problem = await show(server, scratch, options, { ...at, signal });
    screen.line();
    if (problem !== null) {
      screen.line(screen.styled('red', `The demo did not succeed: ${problem}.`));
      return 1;
    }
    screen.line(screen.styled('green', 'All of it happened: files were searched, a command ran, a file was edited.'));
    if (options.keep) screen.line(`The scratch folder is ${scratch.folder}`);
    return 0;
  } catch (error) {
    screen.line(screen.styled('red', `The demo did not succeed: ${messageOf(error)}.`));
    if (server.stderr !== '') screen.block(server.stderr);
    return 1;
  }
}

/** Resolves with what went wrong, or null. */
async function show(
  server: AppServer,
  scratch: Scratch,
  options: DemoOptions,
  at: Surroundings,
): Promise<string | null> {
  const { screen, nowMs, signal } = at;
  const startedMs = nowMs();
  const clientInfo = { name: 'shardex-demo', title: 'Shardex demo', version: VERSION };
  const capabilities = { optOutNotificationMethods: ['codex/event/*'] };
  const { userAgent } = await server.request('initialize', { clientInfo, capabilities }, signal);
  server.notify('initialized');
  screen.line(`  server   ${String(userAgent)}, ready after ${duration(nowMs() - startedMs)}`);
  const confinement = await chooseConfinement(options, at);
  const searched = await searchDemo(server, screen, {
    root: repositoryRoot(at.cwd),
    queries: options.queries,
    nowMs,
    signal,
  });
  if (searched !== null) return searched;
  if (confinement === null) {
    return 'the turn was left out, because its commands would have run without a sandbox. Install bubblewrap, or say --unconfined';
  }
  const prompt = options.prompt ?? (options.model === 'embedded' ? EMBEDDED_PROMPT : PLAIN_PROMPT);
  const summary = await turnDemo(server, screen, {
    workspace: scratch.workspace,
    prompt,
    sandbox: confinement,
    nowMs,
    signal,
  });
  return turnProblem(summary) ?? (options.prompt === null ? await workspaceProblem(scratch, summary) : null);
}

async function embeddedModel(screen: Screen): Promise<EmbeddedModel> {
  const model = await EmbeddedModel.start({ port: 0, deltaDelayMs: DELTA_DELAY_MS });
  screen.line(`  model    embedded, no key needed (--help tells how to use another one)`);
  return model;
}

/** The embedded model is on this machine, where a proxy would not find it. */
const pastProxies = ({ no_proxy, NO_PROXY }: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  no_proxy: [no_proxy ?? NO_PROXY, '127.0.0.1'].filter((hosts) => hosts !== undefined && hosts !== '').join(','),
});

function providerFor(
  { model: choice }: DemoOptions,
  model: EmbeddedModel | null,
  env: NodeJS.ProcessEnv,
): Provider | null {
  if (model !== null) {
    return { name: 'Embedded model', baseUrl: model.baseUrl, envKey: null, model: EMBEDDED_MODEL };
  }
  if (choice === 'configured') return null;
  const baseUrl = env.OPENAI_BASE_URL?.trim() || 'https://api.openai.com/v1';
  return { name: 'OpenAI API', baseUrl, envKey: 'OPENAI_API_KEY', model: null };
}

/** How the turn's commands run; null: they do not. */
async function chooseConfinement(
  options: DemoOptions,
  { screen, env, ask }: Surroundings,
): Promise<'workspace-write' | 'danger-full-access' | null> {
  const sandbox = await findSandbox(env);
  if (sandbox.kind === 'bubblewrap') {
    screen.line(`  sandbox  bubblewrap: commands write to the scratch folder only, without network`);
    return 'workspace-write';
  }
  screen.line(screen.styled('yellow', `  sandbox  none: ${sandbox.reason}`));
  if (options.unconfined) return 'danger-full-access';
  if (ask === null) return null;
  const sure = await ask('  The turn would run its commands unconfined, as you. Go on? [y/N] ');
  return sure ? 'danger-full-access' : null;
}

function turnProblem({ status, error, streamedLength, tokens }: TurnSummary): string | null {
  if (status !== 'completed') return `the turn ended ${status}${error === null ? '' : `: ${error}`}`;
  if (streamedLength === 0) return 'the model said nothing';
  return tokens === 0 ? 'no token usage was reported' : null;
}

/** Looks at the workspace itself: words of a model are no proof. */
async function workspaceProblem(scratch: Scratch, { commands, edits, diff }: TurnSummary): Promise<string | null> {
  if (commands === 0) return 'no command ran successfully';
  if (edits === 0 || diff === '') return 'no file was edited';
  const read = (name: string): Promise<string> => readFile(join(scratch.workspace, name), 'utf8').catch(() => '');
  if ((await read(GREETING)).trim() === '') return 'the command left no file behind';
  const expected = NOTES.before.replace(NOTES.from, NOTES.to);
  return (await read(NOTES.file)) === expected ? null : `${NOTES.file} does not say what it should`;
}
