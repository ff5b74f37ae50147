/**
 * What a renewal costs, through the real process: from the refusal to the repeated request with 64 threads waiting, and what
 * a broadcast of new tokens adds to a login. Prints JSON.
 *
 *   node src/build/bundle.mjs && SHARDEX_DIST=dist/ node dist/tests/account/refresh-cost.main.js
 */
import { availableParallelism } from 'node:os';
import { deferred } from '../../src/base/abort.ts';
import type { Box } from '../support/box.ts';
import { says } from '../support/model-events.ts';
import { gate, type Reply, status, stream } from '../support/model-server.ts';
import { bearerOf, openAuthBox, REFRESH } from './support/auth-box.ts';
import { external, idToken, ONE } from './support/tokens.ts';

const THREADS = 64;
const ROUNDS = 31;
const LOGINS = 500;
/** Runs of `LOGINS` logins, without and with shards in turn. */
const SERIES = 31;
const OPT_OUT = { optOutNotificationMethods: ['codex/event/*'] };

const at = (values: readonly number[], share: number): number =>
  [...values].sort((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
const round = (value: number): number => Math.round(value * 100) / 100;
const summary = (values: readonly number[]): object => ({
  median: round(at(values, 0.5)),
  p95: round(at(values, 0.95)),
});

interface Times {
  readonly toQuestionMs: number;
  readonly toFirstMs: number;
  readonly toMedianMs: number;
  readonly toLastMs: number;
}

/** One round: all threads are refused at once with the present token, and go on with the next one. */
async function refusedAtOnce(box: Box, threads: readonly string[], number: number): Promise<Times> {
  const old = `access-${number}`;
  const all = deferred();
  const open = gate();
  const repeated: number[] = [];
  let waiting = 0;
  const done = deferred();
  const refusal: Reply = { ...status(401, {}), body: [open.wait] };
  box.model.route('POST', '/v1/responses', (request) => {
    if (bearerOf(request) === old) {
      waiting += 1;
      if (waiting === THREADS) all.resolve();
      return refusal;
    }
    repeated.push(performance.now());
    if (repeated.length === THREADS) done.resolve();
    return stream(says('hello'));
  });
  const turns = await Promise.all(threads.map((thread) => box.turn(thread, 'hello')));
  await all.promise;
  const refusedAt = performance.now();
  open.open();
  const asked = await box.client.takeMethod(REFRESH);
  const askedAt = performance.now();
  box.client.answer(asked, { idToken: idToken(ONE), accessToken: `access-${number + 1}` });
  await done.promise;
  await Promise.all(turns.map((turn) => turn.wait('turn/completed')));
  const since = repeated.map((time) => time - refusedAt);
  return {
    toQuestionMs: askedAt - refusedAt,
    toFirstMs: Math.min(...since),
    toMedianMs: at(since, 0.5),
    toLastMs: Math.max(...since),
  };
}

/** Microseconds of one login, answer included. */
async function loginCostUs(box: Box): Promise<number> {
  const start = performance.now();
  for (let count = 0; count < LOGINS; count += 1) {
    const id = box.client.start('account/login/start', external(ONE, `access-${count}`));
    await box.client.take((message) => message.id === id && message.method === undefined, 'reply');
    box.client.messages.length = 0;
  }
  return ((performance.now() - start) * 1000) / LOGINS;
}

await using box = await openAuthBox({ capabilities: OPT_OUT });
await using crowd = await openAuthBox({ capabilities: OPT_OUT });
await crowd.call('account/login/start', external(ONE, 'access-0'));
const threads: string[] = [];
for (let count = 0; count < THREADS; count += 1) threads.push(await crowd.thread());
const rounds: Times[] = [];
for (let number = 0; number < ROUNDS; number += 1) rounds.push(await refusedAtOnce(crowd, threads, number));
const warm = rounds.slice(1);
const alone: number[] = [];
const withShards: number[] = [];
for (let count = 0; count < SERIES; count += 1) {
  alone.push(await loginCostUs(box));
  withShards.push(await loginCostUs(crowd));
}
const added = withShards.slice(1).map((costUs, index) => costUs - (alone[index + 1] ?? 0));

const report = {
  node: process.version,
  processors: availableParallelism(),
  threads: THREADS,
  rounds: warm.length,
  refusalToQuestionMs: summary(warm.map((times) => times.toQuestionMs)),
  refusalToFirstRepeatMs: summary(warm.map((times) => times.toFirstMs)),
  refusalToMedianRepeatMs: summary(warm.map((times) => times.toMedianMs)),
  refusalToLastRepeatMs: summary(warm.map((times) => times.toLastMs)),
  series: added.length,
  loginWithoutShardsUs: summary(alone.slice(1)),
  loginWithAllShardsUs: summary(withShards.slice(1)),
  broadcastUs: summary(added),
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
