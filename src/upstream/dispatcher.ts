/**
 * The connections of one thread of execution. In: the environment (proxies, certificate files). Out: the dispatcher
 * for a URL. Owns the sockets, which stay open between requests; always verifies TLS certificates.
 */
import type { LookupFunction } from 'node:net';
import * as tls from 'node:tls';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { abortable } from '../base/abort.ts';
import { AppError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Env } from '../base/paths.ts';
import { readRegularSync } from '../base/regular-file.ts';
import { envValue } from './credentials.ts';
import { HostLookups } from './host-lookup.ts';
import { type Bypass, parseNoProxy } from './no-proxy.ts';

const CONNECT_TIMEOUT_MS = 60_000;
/** A command may run for a while between two model calls; a new TLS handshake costs more than an idle socket. */
const KEEP_ALIVE_MS = 90_000;

/** A model may think for as long as it likes; the caller applies the time limits. */
const ENDLESS = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS };

/** All certificate authorities of a system are some hundred kilobytes. */
const MAX_CERTIFICATES_BYTES = 16 * 1024 * 1024;

export type RequestParts = Omit<Dispatcher.RequestOptions, 'origin' | 'path' | 'signal'> & {
  readonly signal: AbortSignal;
};

export interface ProxySettings {
  readonly http: string | null;
  readonly https: string | null;
  readonly bypass: Bypass;
}

/**
 * `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; the lower-case spelling wins. An empty value means no
 * proxy.
 */
export function proxySettings(env: Env): ProxySettings {
  const value = (name: string): string | undefined => {
    const text = env[name.toLowerCase()] ?? env[name];
    return text === undefined || text.trim() === '' ? undefined : text.trim();
  };
  // Under CGI, HTTP_PROXY is the `Proxy` header of a remote client.
  const http = envValue(env, 'REQUEST_METHOD') === undefined ? value('HTTP_PROXY') : env.http_proxy;
  const all = value('ALL_PROXY');
  return {
    http: withScheme(http ?? all),
    https: withScheme(value('HTTPS_PROXY') ?? all),
    bypass: parseNoProxy(env.no_proxy ?? env.NO_PROXY ?? ''),
  };
}

function withScheme(proxy: string | undefined): string | null {
  if (proxy === undefined || proxy === '') return null;
  // Node has no separate SOCKS scheme for names resolved by the proxy: with SOCKS they always are.
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy.replace(/^socks5h:/i, 'socks5:') : `http://${proxy}`;
}

export class Connections {
  readonly #env: Env;
  readonly #log: Logger;
  readonly #settings: ProxySettings;
  readonly #dispatchers = new Map<string, Dispatcher>();
  readonly #lookups: HostLookups;
  #tls: TlsOptions | null = null;

  constructor(env: Env, log: Logger) {
    this.#env = env;
    this.#log = log;
    this.#settings = proxySettings(env);
    this.#lookups = new HostLookups({ env });
  }

  /**
   * Sends one request and resolves with the response's head; the caller follows redirects. Rejects with the signal's
   * reason.
   */
  request(url: URL, options: RequestParts): Promise<Dispatcher.ResponseData> {
    const { signal } = options;
    const target = { origin: url.origin, path: `${url.pathname}${url.search}` };
    const answer = this.#dispatcherFor(url).request({ ...options, ...target });
    // The reader of the body handles its errors; a body that arrives together with the abort has no reader.
    answer.then(({ body }) => body.on('error', () => undefined)).catch(() => undefined);
    // The library waits for the end of connecting, which may take arbitrarily long.
    return abortable(answer, signal);
  }

  /** Drops every connection at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#lookups[Symbol.dispose]();
    await Promise.all([...new Set(this.#dispatchers.values())].map((dispatcher) => dispatcher.destroy()));
  }

  #dispatcherFor(url: URL): Dispatcher {
    const secure = url.protocol === 'https:';
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
    const proxy = secure ? this.#settings.https : this.#settings.http;
    if (proxy === null || this.#settings.bypass(url.hostname, port)) return this.#direct(secure);
    return this.#cached(`proxy ${secure}`, () => this.#proxied(proxy, secure));
  }

  #direct(secure: boolean): Dispatcher {
    return this.#cached(`direct ${secure}`, () => {
      const connect = { ...(secure ? this.#tlsOptions() : {}), ...this.#connectOptions() };
      return new Agent({ ...ENDLESS, connect });
    });
  }

  /** Throws `UnusableProxy`: a user who set a proxy does not want to bypass it. */
  #proxied(proxy: string, secure: boolean): Dispatcher {
    const url = proxyUrl(proxy, secure);
    const connect = { ...this.#tlsOptions(), ...this.#connectOptions() };
    const token = basicToken(url);
    return new ProxyAgent({
      ...ENDLESS,
      uri: url.href,
      proxyTunnel: secure,
      requestTls: connect,
      ...(token === null ? {} : { token }),
      // The connection to a SOCKS proxy is plain text; with these options the library would start TLS.
      ...(isSocks(url) ? {} : { proxyTls: connect, connect }),
    });
  }

  #connectOptions(): { readonly timeout: number; readonly lookup: LookupFunction } {
    return { timeout: CONNECT_TIMEOUT_MS, lookup: this.#lookups.lookup };
  }

  /** Reading every certificate authority takes long, so it is done for the first connection that needs them. */
  #tlsOptions(): TlsOptions {
    this.#tls ??= tlsOptions(this.#env, this.#log);
    return this.#tls;
  }

  #cached(name: string, make: () => Dispatcher): Dispatcher {
    const dispatcher = this.#dispatchers.get(name) ?? make();
    this.#dispatchers.set(name, dispatcher);
    return dispatcher;
  }
}

const isSocks = ({ protocol }: URL): boolean => protocol === 'socks5:' || protocol === 'socks:';

const PROXY_PROTOCOLS = ['http:', 'https:', 'socks5:', 'socks:'];

/**
 * The proxy of the environment cannot be used. The message never contains its address, which may include a password.
 */
export class UnusableProxy extends AppError {
  constructor(secure: boolean, why: string) {
    const variables = secure ? 'HTTPS_PROXY or ALL_PROXY' : 'HTTP_PROXY or ALL_PROXY';
    super('invalid-config', `the proxy in ${variables} cannot be used: ${why}`);
  }
}

function proxyUrl(proxy: string, secure: boolean): URL {
  if (!URL.canParse(proxy)) throw new UnusableProxy(secure, 'it is not a valid address');
  const url = new URL(proxy);
  if (!PROXY_PROTOCOLS.includes(url.protocol)) {
    throw new UnusableProxy(secure, `${url.protocol}// is not supported, but http, https and socks5 are`);
  }
  if (url.hostname === '') throw new UnusableProxy(secure, 'it names no host');
  return url;
}

/** User and password for an HTTP proxy; a missing password is empty. null without a user. */
function basicToken(url: URL): string | null {
  if (isSocks(url) || (url.username === '' && url.password === '')) return null;
  const pair = `${unescaped(url.username)}:${unescaped(url.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** A percent sign that does not start an escape stays as it is. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

interface TlsOptions {
  readonly rejectUnauthorized: true;
  readonly secureContext?: tls.SecureContext;
}

/** The certificate authorities of Node, and those of `SSL_CERT_FILE` and `NODE_EXTRA_CA_CERTS`. */
function tlsOptions(env: Env, log: Logger): TlsOptions {
  const extra: string[] = [];
  for (const name of ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS']) {
    const file = envValue(env, name);
    if (file === undefined) continue;
    try {
      extra.push(readRegularSync(file, MAX_CERTIFICATES_BYTES).toString('utf8'));
    } catch (cause) {
      log.warn('upstream', 'certificate file cannot be read', { variable: name, file, cause });
    }
  }
  if (extra.length === 0) return { rejectUnauthorized: true };
  try {
    const secureContext = tls.createSecureContext({ ca: [...tls.rootCertificates, ...extra] });
    return { rejectUnauthorized: true, secureContext };
  } catch (cause) {
    log.warn('upstream', 'certificate file cannot be used', { cause });
    return { rejectUnauthorized: true };
  }
}
