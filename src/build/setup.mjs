// What `npm start` and `npm test` do first: install what the lock file asks for and build, each only when something is missing.

import { join } from 'node:path';
import { build } from './build.mjs';
import { install, isInstalled } from './install.mjs';
import { root } from './places.mjs';

process.exitCode = isInstalled() ? 0 : install();
if (process.exitCode === 0) process.exitCode = await build(join(root, 'dist'));
