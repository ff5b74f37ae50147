/** All workloads, in the order in which they are run. */
import type { ThreadWorkload } from '../thread-bench.ts';
import { list } from './list.ts';
import { resume } from './resume.ts';
import { turnsList } from './turns-list.ts';

export const WORKLOADS: readonly ThreadWorkload[] = [list, resume, turnsList];
