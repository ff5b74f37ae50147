/**
 * Addresses of hosts, as the system's own resolver finds them. In: a name. Out: its addresses.
 *
 * Node asks the resolver in one of the few threads that all file access shares, where nothing can stop it: four names and a name
 * server that does not answer hold up every read of a file, and the exit of the process. So a program asks it here, and ends
 * with whoever owns this. Where there is no such program, Node's own way is taken.
 */
import * as dns from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isExecutableFile } from '../base/executable.ts';
import { runProgram } from '../base/own-programs.ts';

/** It prints what getaddrinfo(3) answers, so that every source of names on this machine is asked. */
const PROGRAMS = ['/usr/bin/getent', '/bin/getent'];
/** The resolver's own limit for two silent servers is 20 seconds. */
const LIMIT_MS = 30_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
/** What the resolver reads of the environment. */
const RESOLVER_VARIABLES = ['HOSTALIASES', 'LOCALDOMAIN', 'RES_OPTIONS'];

type Environment = Readonly<Record<string, string | undefined>>;

export interface HostLookupsOptions {
  readonly env: Environment;
  /** By default the first of `PROGRAMS` that exists; null: Node's own way. */
  readonly program?: string | null;
}

export class HostLookups implements Disposable {
  readonly #program: string | null;
  readonly #env: NodeJS.ProcessEnv;
  readonly #end = new AbortController();
  readonly #underWay = new Map<string, Promise<readonly dns.LookupAddress[]>>();

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

  /** Ends the lookups that are under way; later ones fail. */
  [Symbol.dispose](): void {
    this.#end.abort();
  }

  /** Connections that are made at the same time share the question. Rejects when there is no answer. */
  #addresses(program: string, hostname: string): Promise<readonly dns.LookupAddress[]> {
    const known = this.#underWay.get(hostname);
    if (known !== undefined) return known;
    const asked = this.#ask(program, hostname).finally(() => this.#underWay.delete(hostname));
    this.#underWay.set(hostname, asked);
    return asked;
  }

  async #ask(program: string, hostname: string): Promise<readonly dns.LookupAddress[]> {
    const asked = runProgram(program, ['ahosts', '--', hostname], {
      env: this.#env,
      cwd: '/',
      signal: this.#end.signal,
      timeoutMs: LIMIT_MS,
      maxOutputBytes: MAX_OUTPUT_BYTES,
    });
    return addressesIn(await asked.output);
  }
}

/** The first column, in the resolver's order. The same address stands there once for each type of socket. */
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
