import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { Disk } from '../../src/search/disk.ts';
import { PortHelpers, serveAsHelper } from '../../src/search/helpers.ts';
import { readSubtrees, type SubtreesRequest } from '../../src/search/subtrees.ts';
import { indexOf, pathsOf, walked } from './support/indexes.ts';
import { Tree } from './support/tree.ts';

/** Helpers that read in this thread; `asked` is called with each request before it is answered. */
function portHelpers(count: number, asked: (request: SubtreesRequest, at: number) => void = () => undefined) {
  let calls = 0;
  const helpers = new PortHelpers(() => {
    calls += 1;
  });
  const channels = Array.from({ length: count }, () => new MessageChannel());
  channels.forEach(({ port1, port2 }, at) => {
    helpers.add(port1);
    serveAsHelper(port2, (request) => {
      asked(request, at);
      return readSubtrees(request, { disk: new Disk(), nowMs: Date.now });
    });
  });
  return {
    helpers,
    channels,
    calls: () => calls,
    [Symbol.dispose]: () => {
      for (const { port1 } of channels) port1.close();
    },
  };
}

const manyFolders = (): Tree => Tree.of(Array.from({ length: 400 }, (_, at) => `d${at % 40}/e${at % 9}/file-${at}`));

test('every helper gets its share, and what they read is what a walk finds', async () => {
  using tree = manyFolders();
  const shares = [0, 0];
  using help = portHelpers(2, ({ folders }, at) => {
    shares[at] = (shares[at] ?? 0) + folders.length;
  });
  using index = indexOf(tree.root, { helpers: help.helpers });
  assert.deepEqual(pathsOf(await index.refresh()), walked(tree.root));
  assert.ok(
    shares.every((share) => share > 0),
    String(shares),
  );
  assert.equal(help.calls(), 0);
});

test('what a helper that ends was asked for is read all the same', async () => {
  using tree = manyFolders();
  using help = portHelpers(2, (_, at) => help.channels[at]?.port2.close());
  using index = indexOf(tree.root, { helpers: help.helpers });
  assert.deepEqual(pathsOf(await index.refresh()), walked(tree.root));
});

test('without helpers they are called for once, and again when those that came have gone', async () => {
  using tree = manyFolders();
  using help = portHelpers(0);
  using index = indexOf(tree.root, { helpers: help.helpers });
  await index.refresh();
  for (let at = 0; at < 40; at++) tree.write(`new/n${at}/file`);
  await index.refresh();
  assert.equal(help.calls(), 1);

  const { port1, port2 } = new MessageChannel();
  help.helpers.add(port1);
  assert.equal(help.helpers.count, 1);
  port2.close();
  await once(port1, 'close');
  assert.equal(help.helpers.count, 0);
  for (let at = 0; at < 40; at++) tree.write(`newer/n${at}/file`);
  assert.deepEqual(pathsOf(await index.refresh()), walked(tree.root));
  assert.equal(help.calls(), 2);
});
