import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionsOf, readSource } from '../support/source-text.ts';

const source = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

test('imports are told apart: for types, at the start, later; in any quotes and over several lines', () => {
  const { imports } = readSource(
    source(
      "import type { A } from './a.ts';",
      'import {',
      '  type B,',
      '  b,',
      "} from './b.ts';",
      "import './c.ts';",
      "export { d } from './d.ts';",
      "export type { E } from './e.ts';",
      "type F = typeof import('./f.ts');",
      "const g = await import('./g.ts');",
    ),
  );
  assert.deepEqual(
    imports.map(({ specifier, when, line }) => [specifier, when, line]),
    [
      ['./a.ts', 'types', 1],
      ['./b.ts', 'start', 2],
      ['./c.ts', 'start', 6],
      ['./d.ts', 'start', 7],
      ['./e.ts', 'types', 8],
      ['./f.ts', 'types', 9],
      ['./g.ts', 'later', 10],
    ],
  );
});

test('what stands in comments, texts, templates and regular expressions is no code', () => {
  const { code, comments, imports } = readSource(
    source(
      '/* head',
      "import a from './a.ts'; */",
      "const b = 'console.log';",
      'const c = `',
      "import d from './d.ts';",
      '$' + '{e({ f: `console.log` })} console.log`; // note',
      'const g = /[`/]console\\./.test(h) ? 1 / 2 : i / 3; console.warn(g);',
    ),
  );
  assert.deepEqual(imports, []);
  assert.deepEqual(code.match(/console\.\w+/g), ['console.warn']);
  assert.ok(code.includes('e({ f: `') && code.includes('1 / 2 : i / 3'));
  assert.ok(comments.includes('head') && comments.includes('// note') && !comments.includes('console'));
});

test('functions and methods are measured, conditions and tests are not', () => {
  const body = Array.from({ length: 60 }, () => '  x();');
  const spans = functionsOf(
    readSource(
      source(
        'export function a(): void {',
        ...body,
        '}',
        'class B {',
        '  async #c(d: string): Promise<void> {',
        '    if (d) {',
        '      x();',
        '    }',
        '  }',
        '}',
        "test('e', () => {",
        '});',
      ),
    ),
  );
  assert.deepEqual(
    spans.map(({ line, lines }) => [line, lines]),
    [
      [1, 62],
      [64, 5],
    ],
  );
});
