import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Lane, Lanes } from '../../src/rpc/lanes.ts';

/** Runs places to their end in any order that the lanes allow; gives the order of starts and ends. */
class Course {
  readonly log: string[] = [];
  readonly #lanes = new Lanes();
  readonly #leave = new Map<string, () => void>();

  enter(name: string, ...lanes: Lane[]): void {
    const place = this.#lanes.enter(lanes);
    const start = (): void => {
      this.log.push(`+${name}`);
      this.#leave.set(name, place.leave);
    };
    if (place.turn === undefined) start();
    else void place.turn.then(start);
  }

  async leave(name: string): Promise<void> {
    this.log.push(`-${name}`);
    const leave = this.#leave.get(name);
    assert.ok(leave, `${name} was not running`);
    this.#leave.delete(name);
    leave();
    leave();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  get running(): string[] {
    return [...this.#leave.keys()];
  }
}

const shared: Lane = { shared: 'config' };

test('who shares a lane runs together, who needs it alone waits for those before it and holds up those behind', async () => {
  const course = new Course();
  course.enter('read 1', shared);
  course.enter('read 2', shared);
  course.enter('write 3', 'config');
  course.enter('read 4', shared);
  course.enter('read 5', shared);
  course.enter('write 6', 'config');
  assert.deepEqual(course.running, ['read 1', 'read 2']);
  await course.leave('read 2');
  assert.deepEqual(course.running, ['read 1']);
  await course.leave('read 1');
  assert.deepEqual(course.running, ['write 3']);
  await course.leave('write 3');
  assert.deepEqual(course.running, ['read 4', 'read 5']);
  await course.leave('read 4');
  await course.leave('read 5');
  assert.deepEqual(course.running, ['write 6']);
});

test('places of several lanes never block each other for good, and no writer runs beside anyone', async () => {
  const lane = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean());
  const places = fc.array(fc.uniqueArray(lane, { maxLength: 3, selector: ([name]) => name }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(places, fc.infiniteStream(fc.nat()), async (wanted, choices) => {
      const course = new Course();
      for (const [index, lanes] of wanted.entries()) {
        course.enter(`${index}`, ...lanes.map(([name, isShared]) => (isShared ? { shared: name } : name)));
      }
      for (let left = wanted.length; left > 0; left -= 1) {
        const { running } = course;
        const users = running.flatMap((name) => wanted[Number(name)] ?? []);
        for (const [name, isShared] of users) {
          if (!isShared) assert.equal(users.filter(([other]) => other === name).length, 1);
        }
        const { value: choice } = choices.next();
        await course.leave(running[choice % running.length] ?? 'nobody');
      }
    }),
    { numRuns: 50 },
  );
});
