import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Box } from '../support/box.ts';
import { calls, says, shell } from '../support/model-events.ts';
import { hang, stream } from '../support/model-server.ts';
import { allGone } from '../support/processes.ts';

/** Processes that were started below this box: their environment names its folder. */
function processesOf(box: Box): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(box.folder))
    .map(Number);
}

function environmentOf(processName: string): string {
  try {
    return readFileSync(`/proc/${processName}/environ`, 'latin1');
  } catch {
    return ''; // gone, or of another user
  }
}

/** What a session may do, each in a thread of its own where it needs one. */
const STEPS: Readonly<Record<string, (box: Box) => Promise<void>>> = {
  command: async (box) => {
    box.model.script(stream(calls(shell('c1', ['echo', 'out']))), stream(says('ran')));
    const turn = await box.completed(await box.thread(), 'run');
    assert.equal(turn.items('commandExecution')[0].aggregatedOutput, 'out\n');
  },
  search: async (box) => {
    const { files } = await box.call('fuzzyFileSearch', { query: 'needle', roots: [box.workspace] });
    assert.equal(files.length, 1);
  },
  list: async (box) => {
    assert.ok(Array.isArray((await box.call('thread/list', {})).data));
  },
  session: async (box) => {
    await box.call('fuzzyFileSearch/sessionStart', { sessionId: 's', roots: [box.workspace] });
    await box.call('fuzzyFileSearch/sessionUpdate', { sessionId: 's', query: 'needle' });
    await box.client.takeMethod('fuzzyFileSearch/sessionCompleted');
  },
  kill: async (box) => {
    box.model.script(hang(calls(shell('c1', ['sh', '-c', 'echo started; sleep 300']))));
    const turn = await box.turn(await box.thread(), 'run');
    await turn.wait('item/commandExecution/outputDelta');
    await turn.interrupt();
    assert.equal((await turn.ended()).status, 'interrupted');
  },
};

const names = Object.keys(STEPS);
const rotations = names.map((_, at) => [...names.slice(at), ...names.slice(0, at)]);
/** Any two together, in the order in which the rotations do not have them as neighbours. */
const pairsFrom = ([first = '', ...others]: readonly string[]): readonly string[][] =>
  others.slice(-2).map((second) => [first, second]);

async function session(order: readonly string[], how: 'EOF' | 'SIGTERM'): Promise<void> {
  await using box = await Box.open({ sandboxMode: 'read-only' });
  box.write('needle.txt', '');
  for (const name of order) await STEPS[name]?.(box);
  if (how === 'EOF') box.client.endInput();
  else box.client.server.child.kill('SIGTERM');
  const exit = await box.client.server.exit();
  assert.deepEqual([exit, box.client.server.stderr], [{ code: 0, signal: null }, ''], String(order));
  await allGone(processesOf(box));
}

for (const rotation of rotations) {
  test(`a session that begins with ${rotation[0]} ends with exit code 0, nothing on stderr and no process left`, async () => {
    for (const order of pairsFrom(rotation)) await session(order, 'EOF');
    await session(rotation, 'SIGTERM');
  });
}
