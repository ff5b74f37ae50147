// Where things of the project are.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Folders that a build or an installation is made in, before it is moved to its place. Git ignores it. */
export const scratchFolder = join(root, '.build');
