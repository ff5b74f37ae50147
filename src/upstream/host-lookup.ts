/**
 * Addresses of hosts from the system's resolver. In: a name. Out: its addresses.
 *
 * Node calls the resolver in one of the few threads that all file access shares, where it cannot be cancelled: four
 * lookups at a name server that does not respond block every file read, and the exit of the process. So a separate
 * program calls it, and is ended with its owner. Where there is no such program, Node's own lookup is used.
 */
import * as dns from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isExecutableFile } from '../base/executable.ts';
import { runProgram } from '../base/own-programs.ts';
import type { Env } from '../base/paths.ts';

/** It prints the result of getaddrinfo(3), so that every source of names on this machine is used. */
const PROGRAMS = ['/usr/bin/getent', '/bin/getent'];
/** The resolver's own limit for two unresponsive servers is 20 seconds. */
const LIMIT_MS = 30_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
/** Variables that the resolver reads. */
const RESOLVER_VARIABLES = ['HOSTALIASES', 'LOCALDOMAIN', 'RES_OPTIONS'];

export interface HostLookupsOptions {
  readonly env: Env;
  /** By default the first of `PROGRAMS` that exists; null: Node's own lookup. */
  readonly program?: string | null;
}

export class HostLookups implements Disposable {
  readonly #program: string | null;
  readonly #env: NodeJS.ProcessEnv;
  readonly #end = new AbortController();
  readonly #pending = new Map<string, Promise<readonly dns.LookupAddress[]>>();

  constructor({ env, program = PROGRAMS.find(isExecutableFile) ?? null }: HostLookupsOptions) {
    this.#program = program;
    this.#env = Object.fromEntries(RESOLVER_VARIABLES.map((name) => [name, env[name]]));
  }

  /** For the `lookup` option of `net.connect`. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    const program = this.#program;
    if (program === null) {
      dns.lookup(hostname, options, callback);
      return;
    }
    const family = familyOf(options.family);
    this.#addresses(program, hostname).then(
      (all) => {
        const found = all.filter((address) => family === 0 || address.family === family);
        const [first] = found;
        if (first === undefined) callback(notFound(hostname), '');
        else if (options.all === true) callback(null, [...found]);
        else callback(null, first.address, first.family);
      },
      () => callback(notFound(hostname), ''),
    );
  };

  /** Ends the pending lookups; later ones fail. */
  [Symbol.dispose](): void {
    this.#end.abort();
  }

  /** Concurrent connections share one lookup. Rejects if there is no answer. */
  #addresses(program: string, hostname: string): Promise<readonly dns.LookupAddress[]> {
    const known = this.#pending.get(hostname);
    if (known !== undefined) return known;
    const lookup = this.#resolve(program, hostname).finally(() => this.#pending.delete(hostname));
    this.#pending.set(hostname, lookup);
    return lookup;
  }

  async #resolve(program: string, hostname: string): Promise<readonly dns.LookupAddress[]> {
    const lookup = runProgram(program, ['ahosts', '--', hostname], {
      env: this.#env,
      cwd: '/',
      signal: this.#end.signal,
      timeoutMs: LIMIT_MS,
      maxOutputBytes: MAX_OUTPUT_BYTES,
    });
    return addressesIn(await lookup.output);
  }
}

/** The first column, in the resolver's order. The same address is listed once per socket type. */
function addressesIn(output: string): dns.LookupAddress[] {
  const addresses = new Set(output.split('\n').map((line) => line.split(/\s/, 1)[0] ?? ''));
  return [...addresses].map((address) => ({ address, family: isIP(address) })).filter(({ family }) => family !== 0);
}

function familyOf(family: number | string | undefined): number {
  if (family === 4 || family === 'IPv4') return 4;
  return family === 6 || family === 'IPv6' ? 6 : 0;
}

/** The error of Node's own lookup. */
function notFound(hostname: string): NodeJS.ErrnoException {
  const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
  return Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname });
}
