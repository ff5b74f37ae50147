/** Entry of the process that measures: its commands come over the channel of `fork`. */
import { expose } from 'comlink';
import { channelOf } from '../../channel.ts';
import { Client } from './client.ts';

const client = new Client({ preloads: new URL('../', import.meta.url), env: process.env });

/** Nothing that was started outlives the process that reports, whatever became of it. */
function end(): void {
  client.stop().then(
    () => process.exit(),
    () => process.exit(1),
  );
}

// An interrupt is for the process that reports; this one still has to stop its engine.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', end);
process.on('disconnect', end);
expose(client, channelOf(process));
