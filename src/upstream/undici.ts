/**
 * The part of undici that requests need. The package's own entry loads all of it (fetch, web sockets, caches, mocks): twice the
 * time, which the first turn of every shard would wait for.
 */
import connect from 'undici/lib/api/api-connect.js';
import request from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

// As the entry does it; the way through a proxy is made with `connect`.
Object.assign(Dispatcher.prototype, { connect, request });

export { Agent, type Dispatcher, ProxyAgent };
