import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arena, type BlockPosition, blockIn } from '../../src/search/arena.ts';
import { makeSnapshot } from '../../src/search/publish.ts';
import { BlockReader } from '../../src/search/snapshot.ts';

/** Names in blocks, as whoever searches reads them. */
function namesAt(arena: Arena, positions: readonly BlockPosition[]): string[][] {
  const folders = positions.map((position) => ({ position }));
  const block = new BlockReader(makeSnapshot({ root: '/', version: 1, complete: true, arena, folders }));
  return positions.map((_, row) => {
    block.open(row);
    return Array.from({ length: block.count }, (_, at) => block.text(block.nameStart(at), block.nameEnd(at), 0));
  });
}

test('a block is found again at its place, also behind one that is larger than a chunk', () => {
  const arena = new Arena();
  const few = ['a', 'bc'];
  const many = Array.from({ length: 17_000 }, (_, at) => `${at}`.padStart(255, '-'));
  const positions = [arena.write('', few), arena.write('many/', many), arena.write('few/', few)];
  assert.deepEqual(namesAt(arena, positions), [few, many, few]);
  assert.deepEqual(
    positions.map((position) => arena.fileCount(position)),
    [2, 17_000, 2],
  );
  const copy = new Arena();
  const copies = positions.map((position) => copy.copy(blockIn(arena.chunks, position)));
  assert.deepEqual(namesAt(copy, copies), [few, many, few]);
});

test('names that are the same stay where they are', () => {
  const arena = new Arena();
  const position = arena.write('d/', ['a', 'b']);
  assert.equal(arena.write('d/', ['a', 'b'], position), position);
  assert.notEqual(arena.write('d/', ['a', 'c'], position), position);
});
