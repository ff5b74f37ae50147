/**
 * Who may import whom. A folder's row names the folders it may use; what is not in its row is a breach.
 *
 * A target is a folder of `src`, or one file or sub-folder of it where the rest is none of the importer's business.
 * `types`: nothing of it may be left at run time.
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

  // What is said: declarations only.
  protocol: { uses: ['base'], packages: [...ZOD, 'zod/v4/core'] },

  // Bytes, messages, requests.
  transport: { uses: ['base'], packages: ['vscode-jsonrpc'] },
  rpc: {
    uses: ['base', 'protocol', 'transport'],
    packages: ['vscode-jsonrpc'],
    why: 'the connection frames its messages, so it builds the reader and the writer',
  },
  identity: { uses: ['base'] },

  // Domain folders: no wire, no threads of their own.
  config: { uses: ['base'], types: ['protocol'], packages: ['smol-toml', ...ZOD] },
  commands: { uses: ['base'], types: ['protocol'] },
  execpolicy: { uses: ['base', 'commands'] },
  exec: { uses: ['base'], types: ['protocol'] },
  git: { uses: ['base', 'exec'] },
  images: { uses: ['base'], packages: ['sharp'] },
  instructions: { uses: ['base', 'config', 'skills'] },
  mcp: { uses: ['base', 'exec'], types: ['protocol', 'config'], packages: ['@modelcontextprotocol/sdk', ...ZOD] },
  models: { uses: ['base', 'upstream'], types: ['config', 'protocol'], packages: ZOD },
  patch: {
    uses: ['base'],
    types: ['protocol', 'exec/writable-roots.ts'],
    packages: ['diff'],
    why: 'a patch is checked against the same folders that the sandbox lets a command write to',
  },
  rollout: {
    uses: ['base', 'commands', 'config', 'engine/event-table.ts'],
    types: ['protocol', 'engine/events.ts', 'upstream'],
    packages: ['fzf'],
    why: 'a stored line is an engine event in its stored form',
  },
  search: { uses: ['base'], packages: ['fzf'] },
  skills: { uses: ['base', 'config'], types: ['protocol'], packages: ['yaml'] },
  upstream: { uses: ['base'], types: ['config', 'protocol'], packages: ['undici', 'eventsource-parser'] },

  // The turn. It is told what crosses the border to its thread, and nothing else of the main thread.
  engine: {
    uses: [
      'base',
      'commands',
      'config',
      'exec',
      'execpolicy',
      'git',
      'images',
      'instructions',
      'mcp',
      'models',
      'patch',
      'rollout',
      'skills',
      'upstream',
    ],
    types: ['protocol', 'pool/contract'],
    packages: ZOD,
  },

  // The border between threads.
  pool: {
    uses: ['base', 'search/current-call.ts', 'search/ranking.ts'],
    types: ['config', 'engine', 'models', 'protocol', 'rollout/list-index', 'search', 'upstream'],
    packages: ['comlink', 'piscina'],
    why: 'what crosses is typed by the folders that use it, on either side; the best of several threads are joined by the order each of them keeps; where a thread is stuck is seen from outside',
  },
  workers: {
    uses: ['base/warnings.ts', 'engine', 'patch', 'rollout/list-index', 'search'],
    types: ['pool/contract'],
    packages: ['comlink'],
  },

  // The state of the main thread.
  account: {
    uses: ['base', 'config', 'protocol', 'upstream'],
    types: ['pool'],
    packages: ['jose', 'undici', '@napi-rs/keyring', ...ZOD],
    why: 'what a host answers when it is asked for tokens is decoded by declaration',
  },
  threads: {
    uses: [
      'base',
      'account',
      'commands',
      'config',
      'engine/settings.ts',
      'events',
      'git',
      'models',
      'pool',
      'protocol',
      'rollout',
      'skills',
    ],
    types: ['engine/events.ts', 'engine/writer-lock.ts', 'rpc'],
    why: 'a client is told a thread’s settings before its shard has seen them; its answers are decoded by declaration',
  },
  events: {
    uses: ['base', 'commands', 'engine/event-table.ts', 'protocol', 'rollout'],
    types: ['engine', 'upstream'],
    why: 'an older notification and a stored line are the same event in the same form',
  },

  // The wire's methods: thin, so nearly everything may be called; never bytes, never another area's handler.
  handlers: {
    uses: [
      'base',
      'account',
      'commands',
      'config',
      'exec',
      'git',
      'identity',
      'mcp',
      'models',
      'pool',
      'protocol',
      'rollout',
      'rpc',
      'skills',
      'threads',
      'upstream',
    ],
    types: ['engine'],
  },

  // A client of the built server, with a model of its own.
  demo: { uses: ['base', 'exec/sandbox.ts', 'upstream/json.ts'] },

  // Entries and roots, by file.
  'cli.ts': { uses: ['base', 'cli-help.ts', 'config'] },
  'cli-help.ts': { uses: [] },
  'export.ts': { uses: ['base', 'protocol'] },
  'shim.ts': { uses: ['base'] },
  'main.ts': {
    uses: [
      'base',
      'cli.ts',
      'export.ts',
      'identity',
      'pool/search-pool.ts',
      'rpc',
      'search-ahead.ts',
      'serve.ts',
      'server.ts',
      'shim.ts',
      'transport',
    ],
  },
  'search-ahead.ts': { uses: ['base'], types: ['pool'] },
  'start.ts': { uses: [] },
  'serve.ts': { uses: ['base', 'handlers', 'rpc'], types: ['cli.ts', 'identity', 'transport'] },
  'server.ts': {
    uses: [
      'account',
      'base',
      'config',
      'engine/writer-lock.ts',
      'events',
      'execpolicy',
      'handlers',
      'mcp',
      'models',
      'patch',
      'pool',
      'protocol/outbound.ts',
      'rollout',
      'rpc/decoder.ts',
      'search',
      'skills',
      'threads',
      'upstream',
    ],
    types: ['engine', 'rpc'],
    why: 'the composition root: the one file that sees all; a file that moves is locked as one that is written',
  },
};

/** Packages and built-ins that stand behind one folder each. */
export const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  'node:worker_threads': ['pool', 'workers'],
  comlink: ['pool', 'workers'],
  piscina: ['pool'],
  undici: ['upstream', 'account'],
  fzf: ['rollout', 'search'],
  'vscode-jsonrpc': ['transport', 'rpc'],
};
