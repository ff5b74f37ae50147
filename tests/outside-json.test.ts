/** JSON from outside is read in one place: nothing else parses it, or says what type a value has without looking. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesBelow, readProjectFile } from './support/project.ts';
import { readSource } from './support/source-text.ts';

/** Where a value gets a type that the compiler cannot find itself, and why. */
const MAY_ASSERT: Readonly<Record<string, string>> = {
  'src/base/json/schema.ts': 'the reader: what it has checked gets its type',
  'src/base/records.ts': 'Object.fromEntries forgets which names there are',
  'src/base/well-formed.ts': 'a value with whole text has the type that it had',
  'src/handlers/turns.ts': 'Object.fromEntries forgets which names there are',
  'src/account/login-port.ts': 'what listens on a port has one',
  'src/patch/verify.ts': 'empty lists do not say of what',
  'src/protocol/schema/types.ts': 'declarations of the wire: zod says less than they do',
  'src/protocol/schema/schema.ts': 'declarations of the wire: zod says less than they do',
  'src/protocol/schema/emit.ts': 'JSON Schemas, which zod has just printed',
  'src/protocol/schema/json.ts': 'copies of JSON Schemas',
  'src/protocol/schema/issues.ts': 'what a declaration has accepted gets its type',
};

const MAY_PARSE: Readonly<Record<string, string>> = {
  'src/base/json/parse.ts': 'the parser of all that comes from outside',
  'src/transport/top-level.ts': 'the name of a member, of which the digits around it matter',
  'src/protocol/schema/json.ts': 'copies of JSON Schemas',
};

/** `as const` asserts nothing, and neither does the `as` of an import. */
const ASSERTION = /\bas\s+(?!const\b)/;
const IMPORT = /^(?:import\b|export\s+(?:type\s+)?\{)[^;]*;/gm;

const asserts = (code: string): boolean => ASSERTION.test(code.replace(IMPORT, ''));
const parses = (code: string): boolean => /\bJSON\s*\.\s*parse\b/.test(code);
/** The question whether a value is an object of JSON: all three parts of it. */
const asksForRecord = (code: string): boolean =>
  /typeof\s+(\w+)\s*===\s*' *'\s*&&\s*\1\s*!==\s*null\s*&&\s*!Array\.isArray\(\1\)/.test(code);

const product = ['src', 'workers']
  .flatMap(filesBelow)
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map((path) => ({ path, code: readSource(readProjectFile(path)).code }));

const where = (holds: (code: string) => boolean): string[] =>
  product.flatMap(({ path, code }) => (holds(code) ? [path] : [])).sort();

test('a type is asserted only where the reader has checked the value, and in the files that say why', () => {
  assert.deepEqual(where(asserts), Object.keys(MAY_ASSERT).sort());
});

test('JSON text is parsed by one file, and by those that say why', () => {
  assert.deepEqual(where(parses), Object.keys(MAY_PARSE).sort());
});

/** Values of TOML and YAML have dates, too. */
const OTHER_LANGUAGES = ['src/config/toml.ts', 'src/skills/yaml.ts'];

test('what an object of JSON is, is said once', () => {
  assert.deepEqual(where(asksForRecord), ['src/base/json/schema.ts', ...OTHER_LANGUAGES]);
});

test('the rules see what they are to see', () => {
  const seen = (text: string, holds: (code: string) => boolean): boolean => holds(readSource(text).code);
  assert.ok(seen('const a = value as Item;', asserts));
  assert.ok(seen('return { a } as unknown as Item;', asserts));
  assert.ok(seen('const a = x as\n  Item;', asserts));
  assert.ok(
    !seen("import { a as b } from 'x';\nimport {\n  type C as D,\n} from 'y';\nconst e = ['f'] as const;", asserts),
  );
  assert.ok(seen('export const f = (a: unknown): Item => a as Item;', asserts));
  assert.ok(!seen("// known as X\nconst text = 'as X';", asserts));
  assert.ok(seen('const parse = JSON.parse;', parses));
  assert.ok(seen("typeof v === 'object' && v !== null && !Array.isArray(v)", asksForRecord));
});
