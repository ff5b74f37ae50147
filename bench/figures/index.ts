/** All workloads, in the order in which they are run. */
import type { Workload } from '../figure.ts';
import { deltas } from './deltas.ts';
import { firstUse } from './first-use.ts';
import { idleMemory } from './idle-memory.ts';
import { manyThreads } from './many-threads.ts';
import { stall } from './stall.ts';
import { startUp } from './start-up.ts';
import { singleTurn } from './turn.ts';

export const WORKLOADS: readonly Workload[] = [startUp, firstUse, idleMemory, singleTurn, manyThreads, deltas, stall];
