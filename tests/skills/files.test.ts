import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readFrontmatter } from '../../src/skills/frontmatter.ts';
import { readExtras } from '../../src/skills/openai-yaml.ts';

const skill = (head: string): string => `---\n${head}\n---\nbody\n`;
const simple = (name: string): string => skill(`name: ${name}\ndescription: about ${name}`);

/** Texts as observed on codex app-server 0.94.0; a detail of the YAML reader's own is left open. */
const HEADS: readonly (readonly [string, RegExp | { name: string; description: string; shortDescription?: string }])[] =
  [
    ['x', /^missing YAML frontmatter delimited by ---$/],
    ['---\n---\nbody', /^missing YAML frontmatter delimited by ---$/],
    ['---\nname: x\n', /^missing YAML frontmatter delimited by ---$/],
    [`\n${simple('x')}`, /^missing YAML frontmatter delimited by ---$/],
    ['---\n\n---\n', /^invalid YAML: missing field `name`$/],
    [skill('name: a: b\ndescription: d'), /^invalid YAML: ./],
    [skill('name: [a\ndescription: d'), /^invalid YAML: ./],
    [skill('name: a\nname: b\ndescription: d'), /^invalid YAML: ./],
    [skill('- a'), /^invalid YAML: ./],
    [skill('text'), /^invalid YAML: ./],
    [skill('name: [x]\ndescription: d'), /^invalid YAML: name: ./],
    [skill('name: x\ndescription: d\nmetadata: foo'), /^invalid YAML: metadata: ./],
    [skill('description: d'), /^invalid YAML: missing field `name`$/],
    [skill('name: d'), /^invalid YAML: missing field `description`$/],
    [skill('name:\ndescription: d'), /^missing field `name`$/],
    [skill('name: x\ndescription: "  "'), /^missing field `description`$/],
    [skill(`name: ${'x'.repeat(65)}\ndescription: d`), /^invalid name: exceeds maximum length of 64 characters$/],
    [
      skill(`name: x\ndescription: ${'x'.repeat(1025)}`),
      /^invalid description: exceeds maximum length of 1024 characters$/,
    ],
    [
      skill(`name: x\ndescription: d\nmetadata:\n  short-description: ${'x'.repeat(1025)}`),
      /^invalid metadata.short-description: exceeds maximum length of 1024 characters$/,
    ],
    [skill('name: 1.50\ndescription: 0x10\nother: [1]'), { name: '1.50', description: '0x10' }],
    [skill('name: "a  \\n b"\ndescription: |\n  line1\n  line2'), { name: 'a b', description: 'line1 line2' }],
    [simple('x').replaceAll('\n', '\r\n'), { name: 'x', description: 'about x' }],
    [skill(`name: ${'😀'.repeat(64)}\ndescription: d`), { name: '😀'.repeat(64), description: 'd' }],
    [
      skill('name: x\ndescription: d\nmetadata:\n  short-description: "  a   b "'),
      { name: 'x', description: 'd', shortDescription: 'a b' },
    ],
    [skill('name: x\ndescription: d\nmetadata:\n  short-description: "  "'), { name: 'x', description: 'd' }],
  ];

for (const [text, expected] of HEADS) {
  test(`the head of a SKILL.md is read or refused: ${JSON.stringify(text).slice(0, 90)}`, async () => {
    const read = await readFrontmatter(text);
    if (expected instanceof RegExp) assert.match(read.ok ? 'accepted' : read.message, expected);
    else assert.deepEqual(read, { ok: true, value: { shortDescription: null, ...expected } });
  });
}

test('any text is a head or a message', async () => {
  const part = fc.constantFrom(
    '---',
    '\n',
    'name',
    ': ',
    '- ',
    '[',
    '{',
    '&a',
    '*a',
    '|',
    '"',
    ' ',
    'description',
    '!!x',
    '%',
    '\t',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(part).map((parts) => `---\n${parts.join('')}\n---\n`),
      async (text) => {
        await readFrontmatter(text);
        await readExtras(text, '/skill');
      },
    ),
    { numRuns: 1000 },
  );
});

test('of agents/openai.yaml what is valid is shown, with all keys', async () => {
  const shown = await readExtras(
    'interface:\n  display_name: " D  N "\n  icon_small: ./assets/x.png\n  icon_large: ../x.png\n  brand_color: "#12abEF"\n  default_prompt: '.concat(
      'x'.repeat(1025),
      '\ndependencies:\n  tools:\n    - {type: mcp, value: v, foo: 1}\n    - {type: mcp}\n    - {type: t, value: w, url: uu, command: " "}\n',
    ),
    '/s',
  );
  assert.deepEqual(shown, {
    interface: {
      displayName: 'D N',
      shortDescription: null,
      iconSmall: '/s/assets/x.png',
      iconLarge: null,
      brandColor: '#12abEF',
      defaultPrompt: null,
    },
    dependencies: {
      tools: [
        { type: 'mcp', value: 'v' },
        { type: 't', value: 'w', url: 'uu' },
      ],
    },
  });
});

for (const text of [
  'interface:\n  brand_color: red\ndependencies:\n  tools: []\n',
  'interface: [\n',
  '{"interface":{"icon_small":"assets/x","display_name":["x"]}}',
  '',
]) {
  test(`without anything valid there is no interface and no dependency: ${JSON.stringify(text)}`, async () => {
    assert.deepEqual(await readExtras(text, '/s'), { interface: null, dependencies: null });
  });
}
