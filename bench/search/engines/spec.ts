/** How an engine is run: plain data, so that it can cross to the process that measures. */

interface Common {
  /** Short: it names the engine in tables and plots. */
  readonly id: string;
  readonly version: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Whether its answers follow changes of the tree; what does not is not asked about them. */
  readonly followsChanges: boolean;
}

/** A server that speaks JSON-RPC by lines and knows `fuzzyFileSearch`. */
interface ServerSpec extends Common {
  readonly kind: 'server';
  /** Whether it is a Node program, which can be told to collect its garbage. */
  readonly isNode: boolean;
}

/** A program that stays and answers one line for each line; its README section says what they hold. */
interface LinesSpec extends Common {
  readonly kind: 'lines';
  readonly isNode: boolean;
}

/**
 * A program that is started for each query, gets all paths on its input, one a line, and prints those that match, best first.
 * `{query}` in an argument becomes the query.
 */
interface FilterSpec extends Common {
  readonly kind: 'filter';
}

export type EngineSpec = ServerSpec | LinesSpec | FilterSpec;
export type EngineKind = EngineSpec['kind'];
export const ENGINE_KINDS: readonly EngineKind[] = ['server', 'lines', 'filter'];

/** An engine that was asked for and is not there. */
export interface AbsentEngine {
  readonly id: string;
  readonly reason: string;
}

export const QUERY_PLACE = '{query}';
