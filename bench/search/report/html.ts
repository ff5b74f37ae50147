/**
 * The report as one page that needs nothing else: data, program, plotting library and styles are inside, and its own policy
 * forbids it to load anything. In: data. Out: the text of the page. The program is built from its source when it is asked for.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { PageData } from './data.ts';
import { STYLES } from './styles.ts';

/** Oldest browsers that the page is built for. */
const BROWSERS = ['es2022'];

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/** `project` is the folder with package.json; rejects when the page's source is not below it. */
export async function renderPage(data: PageData, project: URL): Promise<string> {
  const program = await buildPage(new URL('bench/search/report/page.ts', project));
  const library = createRequire(new URL('package.json', project)).resolve('uplot/dist/uPlot.min.css');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>File search: ${data.trees.map(({ files }) => files.toLocaleString('en-US')).join(', ')} files</title>
<style>${readFileSync(library, 'utf8')}${STYLES}</style>
</head>
<body>
<main id="page"><noscript>The tables and plots are drawn by a program inside this page.</noscript></main>
<script type="application/json" id="data">${scriptSafe(JSON.stringify(data))}</script>
<script>${scriptSafe(program)}</script>
</body>
</html>
`;
}

async function buildPage(source: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(source)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: BROWSERS,
    charset: 'ascii',
    logLevel: 'silent',
  });
  return outputFiles.map(({ text }) => text).join('\n');
}

/** Nothing in it ends the element it stands in; the same to JSON and, in texts, to programs. */
const scriptSafe = (text: string): string => text.replaceAll('</', '<\\/').replaceAll('<!--', '<\\!--');
