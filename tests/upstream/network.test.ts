import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  type AddressInfo,
  connect,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ProviderConfig } from '../../src/contract/effective-config.ts';
import { proxySettings } from '../../src/upstream/dispatcher.ts';
import { parseNoProxy } from '../../src/upstream/no-proxy.ts';
import { says } from '../support/model-events.ts';
import { ModelServer, type Reply, status, stream } from '../support/model-server.ts';
import { projectRoot } from '../support/project.ts';
import {
  API_KEY_LOGIN,
  eventsOf,
  failureFrom,
  failureOf,
  never,
  provider,
  samplingRequest,
  upstreamClient,
} from './setup.ts';

/** Copies of the certificates stand beside the sources, not beside the built test. */
const fixture = (name: string): string => join(projectRoot(), 'tests/upstream/fixtures', name);

async function listening(server: Server): Promise<{ port: number } & AsyncDisposable> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}

/** A service behind TLS, with a certificate that only the test authority vouches for. */
const tlsService = (): Promise<{ port: number } & AsyncDisposable> =>
  listening(
    createTlsServer(
      { key: readFileSync(fixture('test-only-server-key.pem')), cert: readFileSync(fixture('test-only-server.pem')) },
      (request, response) => {
        request.resume();
        response.end('data: {"type":"response.done"}\n\n');
      },
    ) as unknown as Server,
  );

const kindsOf = async (baseUrl: string, env: Record<string, string>): Promise<string[]> => {
  await using client = upstreamClient({ env });
  const events = await eventsOf(client.stream(samplingRequest({ provider: provider({ baseUrl }) }), never()));
  return events.map(({ kind }) => kind);
};

test('an authority from SSL_CERT_FILE or NODE_EXTRA_CA_CERTS is believed', async () => {
  await using service = await tlsService();
  for (const name of ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS']) {
    const kinds = await kindsOf(`https://localhost:${service.port}/v1`, { [name]: fixture('test-only-ca.pem') });
    assert.deepEqual(kinds, ['headers', 'completed'], name);
  }
});

test('any other certificate is refused, whatever the environment says', async () => {
  await using service = await tlsService();
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  try {
    const found = await failureFrom(`https://localhost:${service.port}/v1`);
    assert.match(found.message, /could not be sent \((UNABLE_TO_VERIFY|.*CERT)/);
  } finally {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
  }
});

test('a certificate file that cannot be read does not stop other requests', async () => {
  await using model = await ModelServer.start();
  model.script(stream(says('hi')));
  assert.equal((await kindsOf(model.baseUrl, { SSL_CERT_FILE: '/nowhere.pem' })).at(-1), 'completed');
});

/** A proxy that tunnels and forwards to where it is told, whatever host was asked for. */
async function proxyTo(port: number): Promise<{ port: number; asked: string[] } & AsyncDisposable> {
  const asked: string[] = [];
  const server = createHttpServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    request.resume();
    response.end('data: {"type":"response.done"}\n\n');
  });
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) end.on('error', () => [socket, onward].map((each) => each.destroy()));
  });
  return Object.assign(await listening(server), { asked });
}

test('https goes through a tunnel of HTTPS_PROXY, with its password', async () => {
  await using service = await tlsService();
  await using proxy = await proxyTo(service.port);
  const env = { https_proxy: `http://me:secret@127.0.0.1:${proxy.port}`, SSL_CERT_FILE: fixture('test-only-ca.pem') };
  assert.deepEqual(await kindsOf('https://localhost:4430/v1', env), ['headers', 'completed']);
  assert.deepEqual(proxy.asked, [`CONNECT localhost:4430 Basic ${Buffer.from('me:secret').toString('base64')}`]);
});

test('http goes to HTTP_PROXY, or to ALL_PROXY, unless NO_PROXY names the host', async () => {
  await using model = await ModelServer.start();
  await using proxy = await proxyTo(0);
  const address = `127.0.0.1:${proxy.port}`;
  for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']) {
    assert.equal((await kindsOf('http://model.test/v1', { [name]: address })).at(-1), 'completed', name);
  }
  assert.deepEqual(
    proxy.asked,
    Array.from({ length: 4 }, () => 'POST http://model.test/v1/responses'),
  );
  model.script(stream(says('direct')));
  assert.equal((await kindsOf(model.baseUrl, { HTTP_PROXY: address, NO_PROXY: '127.0.0.0/8' })).at(-1), 'completed');
  assert.equal(proxy.asked.length, 4);
});

/** A SOCKS proxy that leads everybody to one port, and remembers where they wanted to go. */
async function socksTo(port: number) {
  const asked: string[] = [];
  const server = createNetServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (hello) => {
      const wantsUser = hello[0] === 5 && hello.subarray(2).includes(2);
      socket.write(Buffer.from([5, wantsUser ? 2 : 0]));
      const afterLogin = (): void =>
        void socket.once('data', (request) => {
          const length = request[4] ?? 0;
          asked.push(`${request.subarray(5, 5 + length)}:${request.readUInt16BE(5 + length)}`);
          const onward = connect(port, '127.0.0.1', () => {
            socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
            onward.pipe(socket).pipe(onward);
          });
          onward.on('error', () => socket.destroy());
        });
      if (!wantsUser) return afterLogin();
      socket.once('data', (login) => {
        asked.push(
          `login ${login
            .subarray(2)
            .toString('latin1')
            .replace(/[^a-z]/g, ' ')}`,
        );
        socket.write(Buffer.from([1, 0]));
        afterLogin();
      });
    });
  });
  return Object.assign(await listeningPlain(server), { asked });
}

async function listeningPlain(server: NetServer): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}

test('ALL_PROXY may be a SOCKS proxy, for http and https, with and without a password', async () => {
  await using model = await ModelServer.start();
  await using service = await tlsService();
  await using plain = await socksTo(Number(new URL(model.origin).port));
  await using secure = await socksTo(service.port);
  for (const scheme of ['socks5', 'socks5h', 'socks']) {
    model.script(stream(says('through')));
    const env = { ALL_PROXY: `${scheme}://127.0.0.1:${plain.port}` };
    assert.equal((await kindsOf('http://model.test/v1', env)).at(-1), 'completed', scheme);
  }
  assert.deepEqual(
    plain.asked,
    Array.from({ length: 3 }, () => 'model.test:80'),
  );
  const env = { ALL_PROXY: `socks5://me:secret@127.0.0.1:${secure.port}`, SSL_CERT_FILE: fixture('test-only-ca.pem') };
  assert.deepEqual(await kindsOf('https://localhost:4430/v1', env), ['headers', 'completed']);
  assert.deepEqual(secure.asked, ['login me secret', 'localhost:4430']);
});

test('proxy-unusable: a proxy that cannot be used is named by its variable, never by its password, and is never bypassed', async () => {
  await using model = await ModelServer.start();
  const unusable = {
    'http://me:secret@exa mple': /HTTP_PROXY or ALL_PROXY cannot be used: it is not a valid address/,
    'http://me:secret@host:99999': /cannot be used: it is not a valid address/,
    'socks4://me:secret@host:1': /socks4:\/\/ is not supported, but http, https and socks5 are/,
    'ftp://me:secret@host': /ftp:\/\/ is not supported/,
    'socks5://': /cannot be used/,
  };
  for (const [proxy, text] of Object.entries(unusable)) {
    for (const name of ['HTTP_PROXY', 'ALL_PROXY']) {
      await using client = upstreamClient({ env: { [name]: proxy } });
      const request = samplingRequest({ provider: provider({ baseUrl: model.baseUrl }) });
      const { message } = await failureOf(client.stream(request, never()));
      assert.match(message, text, proxy);
      assert.doesNotMatch(message, /secret/);
    }
  }
  assert.equal(model.to().length, 0);
});

test('a user without a password, and one with a stray percent sign, are sent as they are', async () => {
  await using proxy = await proxyTo(0);
  for (const user of ['me', 'me:50%']) {
    await kindsOf('http://model.test/v1', { HTTP_PROXY: `http://${user}@127.0.0.1:${proxy.port}` });
  }
  const sent = proxy.asked.map((line) => Buffer.from(line.split('Basic ')[1] ?? '', 'base64').toString());
  assert.deepEqual(sent, ['me:', 'me:50%']);
});

test('proxy settings: lower case wins, https never falls back to the http proxy', () => {
  const shown = (env: Record<string, string>): (string | null)[] => {
    const { http, https } = proxySettings(env);
    return [http, https];
  };
  assert.deepEqual(shown({ HTTP_PROXY: 'a:1', http_proxy: 'b:1' }), ['http://b:1', null]);
  assert.deepEqual(shown({ HTTPS_PROXY: 'https://c:1' }), [null, 'https://c:1']);
  assert.deepEqual(shown({ ALL_PROXY: 'socks5h://d:1' }), ['socks5://d:1', 'socks5://d:1']);
  assert.deepEqual(shown({ http_proxy: '', HTTP_PROXY: '' }), [null, null]);
  assert.deepEqual(shown({ HTTP_PROXY: 'from-a-header:1', REQUEST_METHOD: 'GET' }), [null, null]);
});

test('NO_PROXY takes names with their subdomains, addresses, ranges, ports and *', () => {
  const direct = (list: string, host: string, port = 443): boolean => parseNoProxy(list)(host, port);
  assert.ok(direct('example.com', 'example.com') && direct('example.com', 'API.Example.com'));
  assert.ok(direct('.example.com', 'api.example.com') && direct('*.example.com', 'api.example.com'));
  assert.ok(!direct('example.com', 'notexample.com') && !direct('', 'example.com'));
  assert.ok(direct('a.test, 10.0.0.0/8', '10.9.8.7') && !direct('10.0.0.0/8', '11.0.0.1'));
  assert.ok(direct('::1', '[::1]') && direct('127.0.0.1', '127.0.0.1') && !direct('127.0.0.1', '127.0.0.2'));
  assert.ok(direct('example.com:8080', 'example.com', 8080) && !direct('example.com:8080', 'example.com', 80));
  assert.ok(direct('*', 'anything.test') && direct('x y,z', 'z'));
  assert.ok(!direct('10.0.0.0/99 300.1.1.1 /', '10.0.0.1'));
});

const redirect = (code: number, location: string): Reply => status(code, '', { location });
const SECRET_HEADERS: Partial<ProviderConfig> = {
  bearerToken: 'bearer-0123456789',
  httpHeaders: { 'api-key': 'key-0123456789' },
};

test('a redirect within the host keeps method, body and key', async () => {
  await using model = await ModelServer.start();
  model.script(redirect(307, '/v2/answers'));
  model.route('POST', '/v2/answers', stream(says('hi')));
  await using client = upstreamClient();
  await eventsOf(
    client.stream(samplingRequest({ provider: provider({ baseUrl: model.baseUrl, ...SECRET_HEADERS }) }), never()),
  );
  const moved = await model.waitForRequest(1, '/v2/answers');
  assert.equal(moved.headers.authorization, 'Bearer bearer-0123456789');
  assert.equal(moved.body.model, 'some-model');
});

test('a redirect to another host takes no key along', async () => {
  await using model = await ModelServer.start();
  await using other = await ModelServer.start();
  model.script(redirect(308, `${other.baseUrl}/responses`));
  other.script(stream(says('hi')));
  await using client = upstreamClient();
  await eventsOf(
    client.stream(samplingRequest({ provider: provider({ baseUrl: model.baseUrl, ...SECRET_HEADERS }) }), never()),
  );
  const moved = await other.waitForRequest();
  assert.doesNotMatch(JSON.stringify(moved.headers), /0123456789/);
  assert.equal(moved.headers.session_id, 'thread-1');
});

test('a 302 is followed by a GET without a body', async () => {
  await using model = await ModelServer.start();
  model.script(redirect(302, '/elsewhere'));
  model.route('GET', '/elsewhere', status(404, 'nothing here'));
  const found = await failureFrom(model.baseUrl);
  assert.equal(found.message, `unexpected status 404 Not Found: nothing here, url: ${model.origin}/elsewhere`);
  assert.equal(model.received[1]?.bytes.length, 0);
});

test('redirects without end, and to nowhere, are send failures', async () => {
  await using model = await ModelServer.start();
  model.route('POST', '/v1/responses', redirect(307, '/v1/responses'));
  assert.match((await failureFrom(model.baseUrl)).message, /too many redirects/);
  assert.equal(model.received.length, 11);
  model.route('POST', '/v1/responses', redirect(307, 'file:///etc/passwd'));
  const found = await failureFrom(model.baseUrl);
  assert.match(found.message, /bad redirect/);
  assert.equal(found.retryable, true);
});

test('no failure shows a key, in whatever way it came about', async () => {
  await using model = await ModelServer.start();
  const secrets = ['bearer-0123456789', 'header-0123456789', 'query-0123456789', 'env-0123456789', 'user-0123456789'];
  const echo = `you sent ${secrets.join(' and ')}`;
  const baseUrl = model.baseUrl.replace('//', '//someone:user-0123456789@');
  const leaky = provider({
    baseUrl,
    bearerToken: 'bearer-0123456789',
    httpHeaders: { 'x-api-key': 'header-0123456789' },
    envHttpHeaders: { 'x-more': 'MORE' },
    queryParams: { 'api-key': 'query-0123456789' },
  });
  await using client = upstreamClient({ env: { MORE: 'env-0123456789' } });
  const failed = { type: 'response.failed', response: { error: { code: 'x', message: echo } } };
  const replies = [status(400, echo), status(404, echo), status(429, echo), stream(failed), redirect(307, 'file:///x')];
  for (const reply of replies) {
    model.script(reply);
    const { message } = await failureOf(
      client.stream(samplingRequest({ provider: leaky, auth: API_KEY_LOGIN }), never()),
    );
    for (const secret of secrets.slice(0, 4)) assert.ok(!message.includes(secret), message);
    assert.doesNotMatch(message, /someone:/);
  }
});
