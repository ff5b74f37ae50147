/** Prints from everywhere behind the guard, then writes one line to the wire. */
import { Console } from 'node:console';
import { Worker } from 'node:worker_threads';
import { byteSink, guardStdout } from '../../src/transport/stdio.ts';

guardStdout((text) => process.stderr.write(`stray: ${text}`));
process.stdout.write('plain\n');
new Console(process.stdout).log('console');
const worker = new Worker(`process.stdout.write('worker\\n'); console.log('worker console');`, { eval: true });
worker.on('exit', () => byteSink(1).write(Buffer.from('{"wire":true}\n'), () => undefined));
