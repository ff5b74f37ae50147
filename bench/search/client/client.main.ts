/** Entry of the process that measures: its commands come over the channel of `fork`. */
import { expose } from 'comlink';
import { channelOf } from '../../channel.ts';
import { Client } from './client.ts';

// An interrupt is for the process that reports; this one still has to stop its engine.
process.on('SIGINT', () => undefined);
const collector = new URL('../collect.main.js', import.meta.url);
expose(new Client({ collector, env: process.env }), channelOf(process));
