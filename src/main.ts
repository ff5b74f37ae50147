#!/usr/bin/env node
/**
 * The process. In: arguments, environment, signals, standard streams. Out: an exit code; nothing else calls process.exit.
 * Imports only what answers `initialize`: everything behind it is loaded when that answer is out.
 */
import { realpathSync, writeSync } from 'node:fs';
import { settledWithin } from './base/abort.ts';
import { systemClock } from './base/clock.ts';
import { readEnvFile } from './base/env-file.ts';
import { messageOf, StartupError } from './base/errors.ts';
import { blockingCallsEnded, endAtOnce } from './base/last-resort.ts';
import { createLogger, type Logger, parseLogFilter } from './base/log.ts';
import { LogSink } from './base/log-sink.ts';
import { codexHome } from './base/paths.ts';
import { VERSION } from './base/version.ts';
import { takeWarnings } from './base/warnings.ts';
import { headOf } from './base/well-formed.ts';
import { type Command, readCommandLine, type ServeOptions, UsageError } from './cli.ts';
import { createIdentity } from './identity/identity.ts';
import { askTmux, readArch, readSystem } from './identity/machine.ts';
import { SearchAhead } from './search-pool/head-start.ts';
import { Server } from './serve.ts';
import { byteSink, byteSource, guardOutput, openOutput } from './transport/stdio.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
/** The shutdown's own steps end earlier; this is for threads that do not end. A client kills after two seconds. */
const HARD_STOP_MS = 1_800;
const LOG_FLUSH_LIMIT_MS = 100;
const MAX_STRAY_CHARS = 1_000;

function print(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch {
    // The reader is gone or its pipe is full: there is no other place to say it.
  }
}

function fail(error: unknown): never {
  if (error instanceof UsageError) {
    print(STDERR, `error: ${error.message}\n\n${error.usage}`);
    process.exit(2);
  }
  printFailure(error);
  process.exit(1);
}

function printFailure(error: unknown): void {
  const stack = error instanceof StartupError || !(error instanceof Error) ? '' : `\n${error.stack ?? ''}`;
  print(STDERR, `Error: ${messageOf(error)}${stack}\n`);
}

/** The same when threads of a search may be running: one that is stuck would hold up the exit. */
async function failWith(searchAhead: SearchAhead, error: unknown): Promise<void> {
  printFailure(error);
  if (await settledWithin(searchAhead.close(), HARD_STOP_MS)) process.exit(1);
  endAtOnce('failure');
}

async function serve(options: ServeOptions): Promise<void> {
  const home = codexHome(process.env);
  const sink = new LogSink(() => openOutput(STDERR));
  const log = createLogger(
    parseLogFilter(process.env.SHARDEX_LOG ?? process.env.RUST_LOG),
    sink.write,
    systemClock.nowMs,
  );
  // Libraries read the process's environment (proxies, for one), so the file's variables go there too.
  Object.assign(process.env, readEnvFile(home, process.env, log));
  guardOutput((name, text) => {
    log[name === 'stdout' ? 'error' : 'warn'](name, 'stray-output', { text: headOf(text, MAX_STRAY_CHARS) });
  });
  takeWarnings((warning) => log.warn('process', 'warning', { name: warning.name, warning }));
  watchForBugs(log);

  const stop = (): void => void end(server, searchAhead, sink);
  const env = { ...process.env };
  const cwd = process.cwd();
  const programs = new URL('.', import.meta.url);
  const searchAhead = new SearchAhead({
    env,
    cwd,
    programs,
    log,
    load: async () => (await import('./search-pool/search-pool.ts')).SearchPool,
  });
  const server = new Server({
    ...options,
    source: byteSource(STDIN),
    sink: byteSink(STDOUT),
    log,
    clock: systemClock,
    env,
    codexHome: home,
    cwd,
    programs,
    identity: createIdentity({ env: process.env, version: VERSION, log, system: readSystem, arch: readArch, askTmux }),
    loadDecoder: async () => (await import('./server.ts')).decoder,
    loadApplication: async () => {
      const [{ openApplication }, searchPool] = await Promise.all([import('./server.ts'), searchAhead.pool()]);
      return openApplication(searchPool);
    },
    onEarlyRequest: (method, params) => searchAhead.prepareFor(method, params),
    onFatal: (error) => void failWith(searchAhead, error),
    onEnd: stop,
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  await server.start();
}

/** A second call waits for the first, like every step of it. */
async function end(server: Server, searchAhead: SearchAhead, sink: LogSink): Promise<void> {
  setTimeout(() => endAtOnce(), HARD_STOP_MS);
  await server.shutdown();
  await settledWithin(sink.flushed(), LOG_FLUSH_LIMIT_MS);
  await Promise.all([server.ended(), searchAhead.close(), blockingCallsEnded()]);
  process.exit(0);
}

/** A bug in one corner must not end the turns of all threads. */
function watchForBugs(log: Logger): void {
  process.on('uncaughtException', (error) => log.error('process', 'uncaught-exception', { error }));
  process.on('unhandledRejection', (error) => log.error('process', 'unhandled-rejection', { error }));
}

async function run(command: Command): Promise<void> {
  switch (command.kind) {
    case 'serve':
      return serve(command);
    case 'print':
      return print(STDOUT, command.text);
    case 'version':
      return print(STDOUT, `codex-cli ${VERSION}\n`);
    case 'export': {
      const { exportProtocol } = await import('./export.ts');
      return exportProtocol({ ...command, env: process.env });
    }
    case 'shim': {
      const { writeShim } = await import('./shim.ts');
      const target = { node: process.execPath, main: realpathSync(process.argv[1] ?? '') };
      return print(STDOUT, `${writeShim(command.folder, target)}\n`);
    }
  }
}

async function main(): Promise<void> {
  try {
    await run(readCommandLine(process.argv.slice(2)));
  } catch (error) {
    fail(error);
  }
}

void main();
