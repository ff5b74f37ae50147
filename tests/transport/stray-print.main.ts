/** Prints from everywhere behind the guard, then writes one line to the wire. */
import { Console } from 'node:console';
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { byteSink, guardOutput } from '../../src/transport/stdio.ts';

guardOutput((name, text) => writeSync(2, `stray ${name}: ${text}`));
process.stdout.write('plain\n');
new Console(process.stdout).log('console');
const worker = new Worker(`process.stdout.write('worker\\n'); console.log('worker console');`, { eval: true });
worker.on('exit', () => byteSink(1).write(Buffer.from('{"wire":true}\n'), () => undefined));
