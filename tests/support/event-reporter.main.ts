/**
 * A reporter for Node's test runner: one JSON line for each test that has ended. `tests/run.ts` starts every test file with it.
 *
 * In: Node's events. Out: lines of `TestEnd`.
 */

/** A test that has ended. */
export interface TestEnd {
  readonly name: string;
  readonly passed: boolean;
  /** The stack of the error, or what was thrown; null for a test that passed. */
  readonly error: string | null;
  /** Only a frame around other tests: it counts when it broke by itself. */
  readonly isFrame: boolean;
}

interface NodeTestEvent {
  readonly type: string;
  readonly data: {
    readonly name: string;
    readonly details?: { readonly type?: string; readonly error?: Error };
  };
}

export default async function* reporter(events: AsyncIterable<NodeTestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const error = data.details?.error;
    const end: TestEnd = {
      name: data.name,
      passed: type === 'test:pass',
      error: error === undefined ? null : textOf(error),
      isFrame: data.details?.type === 'suite' && (error === undefined || error.message.includes('subtest')),
    };
    yield `${JSON.stringify(end)}\n`;
  }
}

/** Node wraps what a test threw. */
function textOf({ cause, stack }: Error): string {
  return String(cause instanceof Error ? cause.stack : (cause ?? stack));
}
