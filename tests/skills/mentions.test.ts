import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skillsSection } from '../../src/skills/announcement.ts';
import { mentionedSkills } from '../../src/skills/mentions.ts';

const SKILLS = ['one', 'two', 'twin', 'twin', 'path', 'tmp-x'].map((name, index) => ({
  name,
  path: `/s/${index}/SKILL.md`,
}));

/** Text; positions of the skills in the list that are handed over. */
const CASES: readonly (readonly [string, readonly number[]])[] = [
  ['use $one', [0]],
  ['a$one, $two!', [0, 1]],
  ['$two then $one and $one', [0, 1]],
  ['$onehundred', []],
  ['$ one', []],
  ['one', []],
  ['$twin', []],
  ['$PATH $path', []],
  ['$tmp-x', [5]],
  ['[$whatever](/s/2/SKILL.md)', [2]],
  ['[$one](skill:///s/1/SKILL.md)', [1]],
  ['[$one](/unknown)', []],
  ['[$one](app://x)', []],
  ['$one [$x](/s/3/SKILL.md)', [3, 0]],
  ['$one [$one](/s/0/SKILL.md)', [0]],
];

for (const [text, expected] of CASES) {
  test(`skills named in ${JSON.stringify(text)}`, () => {
    const paths = mentionedSkills([text], SKILLS).map(({ path }) => path);
    assert.deepEqual(
      paths,
      expected.map((index) => `/s/${index}/SKILL.md`),
    );
  });
}

test('several texts count together, and a name that an app has too counts for neither', () => {
  assert.equal(mentionedSkills(['$two', '$one'], SKILLS).length, 2);
  assert.deepEqual(mentionedSkills(['$one $two'], SKILLS, new Set(['one'])), [SKILLS[1]]);
});

test('skills are announced one a line, in order', () => {
  assert.equal(skillsSection([]), null);
  const section = skillsSection([
    { name: 'b', description: 'does b', path: '/b/SKILL.md' },
    { name: 'a', description: 'does a', path: '/a/SKILL.md' },
  ]);
  assert.match(
    section ?? '',
    /^## Skills\n[\s\S]*\n- b: does b \(file: \/b\/SKILL\.md\)\n- a: does a \(file: \/a\/SKILL\.md\)\n/,
  );
});
