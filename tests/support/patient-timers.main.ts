// Loaded into every thread of a server by NODE_OPTIONS: all but the shortest time-outs take many times as long, so that none of them
// passes because a machine is slow. For tests in which no time-out is to pass.
const FACTOR = 20;
const LONG_MS = 200;

const { setTimeout: start } = globalThis;

globalThis.setTimeout = new Proxy(start, {
  apply: (target, self, [run, ms, ...args]: [() => void, number | undefined, ...unknown[]]) =>
    Reflect.apply(target, self, [run, ms !== undefined && ms >= LONG_MS ? ms * FACTOR : ms, ...args]),
});
