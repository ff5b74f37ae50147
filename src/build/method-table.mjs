// Writes the table of methods into README.md, between its two markers: npm run readme
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const [bundle] = (
  await build({ entryPoints: [path('method-table.ts')], bundle: true, platform: 'node', format: 'esm', write: false })
).outputFiles;
const { methodTable } = await import(`data:text/javascript;base64,${Buffer.from(bundle.contents).toString('base64')}`);

const readme = path('../../README.md');
const text = readFileSync(readme, 'utf8');
const block = /(<!-- methods -->\n)[\s\S]*?(<!-- \/methods -->)/;
if (!block.test(text)) throw new Error('README.md has no <!-- methods --> block');
writeFileSync(
  readme,
  text.replace(block, (_, start, end) => `${start}${methodTable()}\n${end}`),
);
