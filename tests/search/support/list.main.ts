/** Prints what a walk and an index find below a folder, for tests that need another user. */
import { indexOf, pathsOf, walked } from './indexes.ts';

const root = process.argv[2] ?? '';
using index = indexOf(root);
process.stdout.write(JSON.stringify({ walked: walked(root), indexed: pathsOf(await index.refresh()) }));
