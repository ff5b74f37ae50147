import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Deferred, deferred } from '../../src/base/abort.ts';
import { OnDemandThread } from '../../src/worker-threads/on-demand-thread.ts';
import { silentLogger } from '../support/silent-logger.ts';

const SCRIPT = `
import { parentPort } from 'node:worker_threads';
console.log('to stdout');
console.error('to stderr');
parentPort.on('message', (word) => {
  if (word === 'fail') throw new Error('on purpose');
  if (word === 'end') return parentPort.close();
  parentPort.postMessage(word);
});`;

class Fixture implements AsyncDisposable {
  readonly printed: string[] = [];
  readonly replies: Deferred<string>[] = [];
  readonly exits: Deferred<string>[] = [];
  readonly #allPrinted = deferred();
  readonly thread = new OnDemandThread<string, string>({
    name: 'a thread',
    area: 'test',
    script: new URL(`data:text/javascript,${encodeURIComponent(SCRIPT)}`),
    workerData: () => null,
    youngGenerationMb: 1,
    log: {
      ...silentLogger,
      warn: (_area, _event, fields) => {
        this.printed.push(JSON.stringify(fields));
        if (this.printed.length === 2) this.#allPrinted.resolve();
      },
    },
    onReply: (reply) => this.replies.shift()?.resolve(reply),
    onExit: (reason) => this.exits.shift()?.resolve(reason),
  });

  ask(word: string): Promise<string> {
    const reply = deferred<string>();
    this.replies.push(reply);
    this.thread.send(word);
    return reply.promise;
  }

  exitAfter(word: string): Promise<string> {
    const exit = deferred<string>();
    this.exits.push(exit);
    this.thread.send(word);
    return exit.promise;
  }

  allPrinted(): Promise<void> {
    return this.#allPrinted.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thread.abandon();
  }
}

test('what a thread prints to either stream is logged', async () => {
  await using fixture = new Fixture();
  assert.equal(await fixture.ask('hello'), 'hello');
  await fixture.allPrinted();
  assert.deepEqual(fixture.printed.toSorted(), [
    JSON.stringify({ name: 'a thread', text: 'to stderr\n' }),
    JSON.stringify({ name: 'a thread', text: 'to stdout\n' }),
  ]);
});

test('a thread that has crashed or ended is started again by the next message', async () => {
  await using fixture = new Fixture();
  assert.equal(await fixture.exitAfter('fail'), 'on purpose');
  assert.equal(await fixture.ask('again'), 'again');
  assert.equal(await fixture.exitAfter('end'), '');
  assert.equal(await fixture.ask('once more'), 'once more');
});
