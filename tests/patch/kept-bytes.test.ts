/** What a patch keeps stays byte for byte; what it adds fits in. All through the program. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workspace } from './support/workspace.ts';

interface Case {
  readonly before: string;
  readonly chunks: readonly string[];
  readonly after: string;
}

const cases: Readonly<Record<string, Case>> = {
  'CRLF: kept lines keep it, changed and added ones take it': {
    before: 'using System;\r\nclass A\r\n{\r\n}\r\n',
    chunks: ['@@', ' using System;', '+using System.IO;', '-class A', '+class B', ' {'],
    after: 'using System;\r\nusing System.IO;\r\nclass B\r\n{\r\n}\r\n',
  },
  'CRLF: a patch with CRLF fits a file with LF': {
    before: 'a\nb\nc\n',
    chunks: ['@@\r', ' a\r', '-b\r', '+B\r', '+b2\r', ' c\r'],
    after: 'a\nB\nb2\nc\n',
  },
  'CRLF: a patch with CRLF fits a file with CRLF': {
    before: 'a\r\nb\r\n',
    chunks: ['@@\r', ' a\r', '-b\r', '+B\r'],
    after: 'a\r\nB\r\n',
  },
  'CRLF: the end of the file': {
    before: 'a\r\nb\r\n',
    chunks: ['@@', ' b', '+c', '*** End of File'],
    after: 'a\r\nb\r\nc\r\n',
  },
  'mixed line ends: a replacement takes that of its line, an addition that of the line before it': {
    before: 'a\r\nb\nc\r\nd\n',
    chunks: ['@@', '-a', '-b', '+A', '+B', '+B2', ' c', '+C2', ' d'],
    after: 'A\r\nB\nB2\nc\r\nC2\r\nd\n',
  },
  'mixed line ends: an addition at the top takes that of the line after it': {
    before: 'a\r\nb\n',
    chunks: ['@@', '+0', ' a'],
    after: '0\r\na\r\nb\n',
  },
  'a lone CR is part of its line': {
    before: 'a\rb\nc\n',
    chunks: ['@@', ' a\rb', '-c', '+C'],
    after: 'a\rb\nC\n',
  },
  'blanks at the end of a kept line': {
    before: 'First  \nsecond\t \nthird\n',
    chunks: ['@@', ' First', ' second', '-third', '+3rd'],
    after: 'First  \nsecond\t \n3rd\n',
  },
  'tabs of a kept line': {
    before: 'func f() {\n\tif x {\n\t\treturn\n\t}\n}\n',
    chunks: ['@@', ' func f() {', '     if x {', '-        return', '+\t\treturn 1', '     }'],
    after: 'func f() {\n\tif x {\n\t\treturn 1\n\t}\n}\n',
  },
  'quotes, dashes and hard blanks of a kept line': {
    before: '\u201cIt\u2019s\u201d \u2013 a\u00a0b\nend\n',
    chunks: ['@@', ' "It\'s" - a b', '-end', '+END'],
    after: '\u201cIt\u2019s\u201d \u2013 a\u00a0b\nEND\n',
  },
  'blanks on a line that the patch has as empty': {
    before: 'a\n   \nb\n',
    chunks: ['@@', ' a', '', '-b', '+B'],
    after: 'a\n   \nB\n',
  },
  'letters that are composed in another way': {
    before: 'cafe\u0301\nx\n',
    chunks: ['@@', ' caf\u00e9', '-x', '+y'],
    after: 'cafe\u0301\ny\n',
  },
  'form feeds, vertical tabs and U+2028 end no line': {
    before: 'a\u2028b\n\f\nc\u000bd\u0085e\nx\n',
    chunks: ['@@', ' a\u2028b', ' \f', ' c\u000bd\u0085e', '-x', '+y'],
    after: 'a\u2028b\n\f\nc\u000bd\u0085e\ny\n',
  },
  'NUL is a character like others': {
    before: 'a\0b\nx\n',
    chunks: ['@@', ' a\0b', '-x', '+y\0'],
    after: 'a\0b\ny\0\n',
  },
  'a missing last line feed stays missing on a kept line': {
    before: 'a\nb',
    chunks: ['@@', '-a', '+A', ' b'],
    after: 'A\nb',
  },
  'a missing last line feed stays missing on a changed line': {
    before: 'a\nb',
    chunks: ['@@', '-b', '+B'],
    after: 'a\nB',
  },
  'a missing last line feed stays missing behind an addition, which takes the line ends of the file': {
    before: '{\r\n}',
    chunks: ['@@', ' }', '+// end'],
    after: '{\r\n}\r\n// end',
  },
  'a missing last line feed stays missing when far lines change': {
    before: '{\n  "a": 1,\n  "b": 2\n}',
    chunks: ['@@', ' {', '-  "a": 1,', '+  "a": 3,'],
    after: '{\n  "a": 3,\n  "b": 2\n}',
  },
  'a missing last line feed stays missing in a file of one line': {
    before: 'a',
    chunks: ['@@', '-a', '+b'],
    after: 'b',
  },
  'a line keeps its line feed when the unfinished line behind it goes': {
    before: 'a\nb',
    chunks: ['@@', ' a', '-b'],
    after: 'a\n',
  },
  'a byte order mark is looked past by what is kept': {
    before: '\ufeff<?xml version="1.0"?>\r\n<a/>\r\n',
    chunks: ['@@', ' <?xml version="1.0"?>', '-<a/>', '+<b/>'],
    after: '\ufeff<?xml version="1.0"?>\r\n<b/>\r\n',
  },
  'a byte order mark stays when the first line changes': {
    before: '\ufeffa\nb\n',
    chunks: ['@@', '-a', '+A', ' b'],
    after: '\ufeffA\nb\n',
  },
  'a byte order mark stays in front of additions': {
    before: '\ufeffa\n',
    chunks: ['@@', '+0', ' a'],
    after: '\ufeff0\na\n',
  },
  'a byte order mark in the patch is not doubled': {
    before: '\ufeffa\nb\n',
    chunks: ['@@', '-\ufeffa', '+\ufeffA', ' b'],
    after: '\ufeffA\nb\n',
  },
  'a byte order mark goes when the patch takes it off': {
    before: '\ufeffa\nb\n',
    chunks: ['@@', '-\ufeffa', '+a'],
    after: 'a\nb\n',
  },
  'a byte order mark is not part of a header': {
    before: '\ufeffclass A:\n  x\n',
    chunks: ['@@ class A:', '-  x', '+  y'],
    after: '\ufeffclass A:\n  y\n',
  },
  'an addition goes behind its header': {
    before: 'class A:\n    x = 1\n\nclass B:\n    y = 2\n',
    chunks: ['@@ class A:', '+    w = 0'],
    after: 'class A:\n    w = 0\n    x = 1\n\nclass B:\n    y = 2\n',
  },
  'headers are nested': {
    before: 'class A:\n  def f():\n    1\nclass B:\n  def g():\n    0\n  def f():\n    1\n',
    chunks: ['@@ class B:', '@@   def f():', '-    1', '+    2'],
    after: 'class A:\n  def f():\n    1\nclass B:\n  def g():\n    0\n  def f():\n    2\n',
  },
  'an addition goes behind nested headers': {
    before: 'class A:\n  def f():\nclass B:\n  def f():\n    1\n',
    chunks: ['@@ class B:', '@@ def f():', '+    0'],
    after: 'class A:\n  def f():\nclass B:\n  def f():\n    0\n    1\n',
  },
  'several chunks, each behind the one before it': {
    before: 'x\nx\nx\n',
    chunks: ['@@', '-x', '+1', '@@', '-x', '+2', '@@', '-x', '+3'],
    after: '1\n2\n3\n',
  },
  'additions to an empty file': { before: '', chunks: ['@@', '+a', '+b'], after: 'a\nb\n' },
  'additions to a file that is only a byte order mark': { before: '\ufeff', chunks: ['@@', '+a'], after: '\ufeffa\n' },
  'all lines deleted': { before: 'a\r\nb\r\n', chunks: ['@@', '-a', '-b'], after: '' },
  'a file of blank lines': { before: '\n\n\n', chunks: ['@@', ' ', '-', '+x', ' '], after: '\nx\n\n' },
  'the end marker takes the last of equal places': {
    before: 'a\nb\na\nb\n',
    chunks: ['@@', ' a', '-b', '+B', '*** End of File'],
    after: 'a\nb\na\nB\n',
  },
  'an addition with a header and the end marker goes to the end': {
    before: 'a\nb\n',
    chunks: ['@@ a', '+c', '*** End of File'],
    after: 'a\nb\nc\n',
  },
  'Markdown: hard line breaks stay': {
    before: '# T\n\nOne  \ntwo  \nthree\n',
    chunks: ['@@ # T', ' ', ' One  ', '-two  ', '+TWO  ', ' three'],
    after: '# T\n\nOne  \nTWO  \nthree\n',
  },
  'a Makefile keeps its tabs': {
    before: 'all:\n\tgo build\n\tgo vet\n',
    chunks: ['@@ all:', '         go build', '-        go vet', '+\tgo vet ./...'],
    after: 'all:\n\tgo build\n\tgo vet ./...\n',
  },
};

for (const [rule, { before, chunks, after }] of Object.entries(cases)) {
  test(`kept-bytes: ${rule}`, async (t) => {
    const w = workspace(t, { file: before });
    await w.apply('*** Update File: file', ...chunks);
    assert.deepEqual(JSON.stringify(w.read('file')), JSON.stringify(after));
  });
}

test('kept-bytes: bytes that are no text are left alone, with a word about it', async (t) => {
  const latin1 = Buffer.from('caf\xe9\nx\n', 'latin1');
  const w = workspace(t, { file: latin1 });
  assert.match(
    await w.refuse('*** Update File: file', '@@', '-x', '+y'),
    /^Failed to read file to update file: .*UTF-8/,
  );
  assert.match(await w.refuse('*** Add File: file', '+y'), /file.*UTF-8/);
  assert.match(await w.refuse('*** Delete File: file'), /file.*UTF-8/);
  assert.deepEqual(Buffer.from(w.read('file')), Buffer.from(latin1.toString('utf8')));
});
