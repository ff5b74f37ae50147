/** Entry of the client process: its commands come over the channel of `fork`. */
import { expose } from 'comlink';
import { channelOf } from '../../channel.ts';
import { Client } from './client.ts';

expose(new Client(), channelOf(process));
