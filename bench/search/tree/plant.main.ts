/** Entry of a planting thread: makes its share of the files of a planned tree, all of them empty but the ignore files. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { planTree } from './plan.ts';
import type { PlantNews, PlantTask } from './plant.ts';
import { IGNORE_RULES } from './words.ts';

const TOLD_EVERY = 2_000;

const task: PlantTask = workerData;
let made = 0;

const tell = (): void => {
  parentPort?.postMessage({ made } satisfies PlantNews);
  made = 0;
};

let number = 0;
for (const { path, files } of planTree(task)) {
  if (number++ % task.of !== task.part) continue;
  for (const name of files) {
    const file = `${task.root}/${path}${name}`;
    if (name === '.gitignore') writeFileSync(file, IGNORE_RULES);
    else closeSync(openSync(file, 'w'));
    made += 1;
  }
  if (made >= TOLD_EVERY) tell();
}
tell();
