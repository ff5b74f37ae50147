// Doc comments of the protocol's declarations, for the TypeScript that is generated from them. In: the source. Out: a plugin of esbuild
// that fills in `src/protocol/schema/docs.ts`. What a server loads does not grow by them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './places.mjs';

const DECLARATION =
  /^export const \w+ = (?:t\.\w+|request)\(|^ {2}(?:request|serverRequest|notification|clientNotification)\(/;
const NAME = /'([^']+)'/;
const NAMED_TYPE = /\bt\.\w+\('([A-Z][^']*)'/;
const MEMBER = /^(?:'([^']+)'|([\w$]+)): /;

/**
 * Pairs of a name and its comment: the id of a type, `ID.member`, the name of a method. Relies on the formatter: a comment has a line
 * of its own, and members are indented below what they belong to.
 */
export function readDocs(text) {
  const docs = [];
  let doc = null;
  let unnamed = null; // the comment of a declaration whose name is still to come
  let scopes = []; // what the line is inside of
  for (const line of text.split('\n')) {
    const code = line.trimStart();
    const indent = line.length - code.length;
    if (code.startsWith('/** ') && code.endsWith(' */')) {
      doc = code.slice(4, -3);
      continue;
    }
    if (DECLARATION.test(line)) unnamed = doc ?? '';
    scopes = scopes.filter((scope) => scope.indent < indent);
    const [, name] = (unnamed === null ? NAMED_TYPE : NAME).exec(code) ?? [];
    const [, quoted, plain] = MEMBER.exec(code) ?? [];
    if (name !== undefined) {
      if (unnamed) docs.push([name, unnamed]);
      scopes.push({ indent: unnamed === null ? indent : 0, path: name });
      unnamed = null;
    } else if (quoted ?? plain) {
      const path = `${scopes.at(-1)?.path}.${quoted ?? plain}`;
      if (doc !== null) docs.push([path, doc]);
      scopes.push({ indent, path });
    }
    doc = null;
  }
  return docs;
}

const allDocs = () => {
  const folder = join(root, 'src/protocol');
  const files = readdirSync(folder, { recursive: true }).filter((path) => /^(?:legacy.)?[\w-]+\.ts$/.test(path));
  return Object.fromEntries(files.flatMap((path) => readDocs(readFileSync(join(folder, path), 'utf8'))));
};

export const protocolDocs = {
  name: 'protocol-docs',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]protocol[/\\]schema[/\\]docs\.ts$/ }, () => ({
      contents: `export const DOCS = ${JSON.stringify(allDocs(), null, 1)};`,
    }));
  },
};
