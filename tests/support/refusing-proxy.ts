/** A proxy that lets nobody through and remembers who was asked for. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class RefusingProxy implements AsyncDisposable {
  /** `host:port` of every tunnel and every plain request that was asked for, in order. */
  readonly asked: string[] = [];
  /** Credentials that came along, as they came. */
  readonly credentials: (string | undefined)[] = [];
  readonly #server: Server;
  #waiting: (() => void)[] = [];

  static async start(): Promise<RefusingProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RefusingProxy(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    server.on('connect', ({ url = '', headers }, socket) => {
      this.#note(url, headers['proxy-authorization']);
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    });
    server.on('request', ({ url = '', headers }, response) => {
      const { hostname, port } = new URL(url, 'http://not-a-proxy-request');
      this.#note(`${hostname}:${port === '' ? 80 : port}`, headers['proxy-authorization']);
      response.writeHead(403).end();
    });
  }

  get address(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  /** Resolves when `count` have been asked for. */
  async reached(count: number): Promise<void> {
    while (this.asked.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #note(host: string, credentials: string | undefined): void {
    this.asked.push(host);
    this.credentials.push(credentials);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
