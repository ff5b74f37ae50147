/**
 * Who may import whom. A folder's row names the folders it may use; what is not in its row is a breach.
 *
 * A target is a folder of `src`, or one file or sub-folder of it where the rest is none of the importer's business.
 * `types`: nothing of it may be left at run time. A row uses only rows above its own, types included.
 */
export interface ImportRow {
  readonly uses: readonly string[];
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
  /** Where the row is wider than one would expect. */
  readonly why?: string;
}

const ZOD = ['zod', 'zod/mini'];

export const IMPORT_TABLE: Readonly<Record<string, ImportRow>> = {
  // Nouns that know nothing of the product.
  base: { uses: [] },

  // What is said to clients: declarations only.
  protocol: { uses: ['base'], packages: [...ZOD, 'zod/v4/core'] },

  // What crosses between threads: types, and pure functions of them.
  contract: { uses: [], types: ['base', 'protocol'] },

  // Bytes, messages, requests.
  transport: { uses: ['base'], packages: ['vscode-jsonrpc'] },
  rpc: {
    uses: ['base', 'protocol', 'transport'],
    packages: ['vscode-jsonrpc'],
    why: 'the connection frames its messages, so it builds the reader and the writer',
  },
  identity: { uses: ['base'] },

  // Domain folders: no wire, no threads of their own.
  'command-analysis': { uses: ['base'], types: ['protocol'] },
  config: { uses: ['base', 'contract'], types: ['protocol'], packages: ['smol-toml', ...ZOD] },
  exec: { uses: ['base'], types: ['protocol'] },
  execpolicy: { uses: ['base', 'command-analysis'] },
  images: { uses: [], packages: ['sharp'] },
  models: { uses: ['base'], types: ['contract', 'protocol'] },
  patch: {
    uses: ['base'],
    types: ['protocol', 'exec/writable-roots.ts'],
    packages: ['diff'],
    why: 'a patch is checked against the same folders that the sandbox lets a command write to',
  },
  rollout: {
    uses: ['base', 'command-analysis', 'contract'],
    types: ['protocol'],
    packages: ['fzf'],
  },
  search: { uses: ['base'], types: ['contract'], packages: ['fzf'] },
  skills: { uses: ['base', 'config'], types: ['contract', 'protocol'], packages: ['yaml'] },
  project: { uses: ['base', 'config', 'skills'], types: ['contract'] },
  upstream: { uses: ['base'], types: ['contract', 'protocol'], packages: ['undici', 'eventsource-parser'] },

  // Engine events in the words of both protocols.
  events: {
    uses: ['command-analysis', 'contract', 'protocol', 'rollout'],
    why: 'an older notification and a stored line are the same event in the same form',
  },

  // The turn. It knows nothing of the main thread but what crosses to it.
  engine: {
    uses: [
      'base',
      'command-analysis',
      'contract',
      'events/thread-items.ts',
      'exec',
      'execpolicy',
      'images',
      'patch',
      'project',
      'rollout',
      'skills',
      'upstream',
    ],
    types: ['protocol'],
  },

  // Threads of execution, as seen from the main thread.
  'worker-threads': { uses: ['base'] },
  shards: { uses: ['base', 'worker-threads'], types: ['contract'], packages: ['comlink'] },
  'search-pool': {
    uses: ['base', 'search/current-call.ts', 'search/ranking.ts', 'worker-threads'],
    types: ['contract'],
    packages: ['piscina'],
    why: 'the best of several threads are joined by the order each of them keeps; where a thread is stuck is seen from outside',
  },
  workers: {
    uses: ['base/warnings.ts', 'engine', 'patch', 'rollout/list-index', 'search'],
    types: ['contract'],
    packages: ['comlink'],
  },

  // The state of the main thread.
  account: {
    uses: ['base', 'protocol', 'upstream'],
    types: ['contract'],
    packages: ['jose', '@napi-rs/keyring'],
    why: 'what a host answers when it is asked for tokens is decoded by declaration',
  },
  threads: {
    uses: [
      'base',
      'command-analysis',
      'config',
      'contract',
      'events',
      'models',
      'protocol',
      'rollout',
      'worker-threads',
    ],
    types: ['engine/writer-lock.ts', 'rpc', 'shards'],
    why: 'answers of clients are decoded by declaration; what a client is told of a turn is written in order',
  },

  // The wire's methods: thin, so nearly everything may be called; never bytes, never another area's handler.
  handlers: {
    uses: ['base', 'config', 'identity', 'models', 'protocol', 'rollout', 'rpc', 'threads'],
    types: ['account', 'contract', 'search-pool', 'skills'],
  },

  // A client of the built server, with a model of its own.
  demo: { uses: ['base', 'exec/sandbox.ts'] },

  // Entries and roots, by file.
  'cli-help.ts': { uses: [] },
  'cli.ts': { uses: ['base', 'cli-help.ts', 'config'] },
  'export.ts': { uses: ['base', 'protocol'] },
  'shim.ts': { uses: ['base'] },
  'start.ts': { uses: [] },
  'serve.ts': { uses: ['base', 'handlers', 'rpc'], types: ['cli.ts', 'identity', 'transport'] },
  'server.ts': {
    uses: [
      'account',
      'base',
      'config',
      'engine/writer-lock.ts',
      'execpolicy',
      'handlers',
      'models',
      'patch',
      'protocol',
      'rpc',
      'search-pool',
      'shards',
      'skills',
      'threads',
    ],
    types: ['contract', 'serve.ts'],
    why: 'the composition root: the one file that sees all; a file that moves is locked as one that is written',
  },
  'main.ts': {
    uses: ['base', 'cli.ts', 'export.ts', 'identity', 'search-pool', 'serve.ts', 'server.ts', 'shim.ts', 'transport'],
  },
};

/** Packages and built-ins that stand behind one folder each. */
export const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  'node:worker_threads': ['contract', 'worker-threads', 'shards', 'search-pool', 'workers'],
  comlink: ['shards', 'workers'],
  piscina: ['search-pool'],
  undici: ['upstream'],
  fzf: ['rollout', 'search'],
  'vscode-jsonrpc': ['transport', 'rpc'],
};
