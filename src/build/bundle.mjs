// Builds everything that runs: node src/build/bundle.mjs [--out DIR]
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { root } from './places.mjs';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } });
process.exitCode = await build(resolve(root, values.out));
