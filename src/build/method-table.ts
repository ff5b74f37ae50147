/**
 * The table of a client's requests in the README. In: the declarations, and the list of those that are not built. Out: Markdown. No
 * state; `method-table.mjs` writes it into the file, a test compares.
 */
import { NOT_BUILT } from '../handlers/not-built.ts';
import { addedClientRequests, allClientRequests } from '../protocol/registry.ts';

interface Declared {
  readonly method: string;
}

const AREAS: readonly (readonly [area: string, methods: RegExp])[] = [
  ['Handshake', /^initialize$/],
  ['Threads', /^thread\//],
  ['Turns', /^(?:turn|review)\//],
  ['File search', /^fuzzyFileSearch\b/],
  ['Account', /^account\//],
  ['Configuration', /^config(?:Requirements)?\/(?!mcpServer)/],
  ['Models, skills, apps', /^(?:model|collaborationMode|skills|app)\//],
  ['MCP servers', /^(?:mcpServer|mcpServerStatus|config\/mcpServer)\//],
  ['Commands, feedback', /^(?:command|feedback)\//],
  ['First generation', /^[A-Za-z]+$/],
];

const ADDED: ReadonlySet<string> = new Set(addedClientRequests.map(({ method }) => method));

/** Methods by area; a method that stands after a `+` is an addition of later servers. */
export function methodTable(notBuilt: readonly string[] = NOT_BUILT): string {
  const missing = new Set<string>(notBuilt);
  const left = new Set<Declared>(allClientRequests);
  const rows = AREAS.map(([area, pattern]) => {
    const methods = [...left].filter(({ method }) => pattern.test(method));
    for (const each of methods) left.delete(each);
    const built = methods.filter(({ method }) => !missing.has(method));
    return row(
      area,
      built,
      methods.filter((each) => !built.includes(each)),
    );
  });
  const ungrouped = [...left].map(({ method }) => method);
  if (ungrouped.length > 0) throw new Error(`methods without an area: ${ungrouped.join(', ')}`);
  return ['| Area | Answered | Not built yet |', '| --- | --- | --- |', ...rows].join('\n');
}

const row = (area: string, built: readonly Declared[], missing: readonly Declared[]): string =>
  `| ${area} | ${names(built)} | ${names(missing)} |`;

const names = (methods: readonly Declared[]): string =>
  methods.map(({ method }) => `${ADDED.has(method) ? '+' : ''}\`${method}\``).join(' ');
