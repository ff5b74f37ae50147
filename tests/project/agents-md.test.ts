import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadUserInstructions } from '../../src/project/agents-md.ts';
import { sandbox } from '../config/sandbox.ts';

interface Case {
  readonly rule: string;
  readonly files: Readonly<Record<string, string>>;
  readonly toml?: string;
  readonly expected: string | null;
}

const GIT = { 'workspace/.git/HEAD': '' };

const CASES: readonly Case[] = [
  { rule: 'without any file there is nothing to say', files: {}, expected: null },
  {
    rule: 'the user text is trimmed, project texts are not',
    files: {
      ...GIT,
      'codex-home/AGENTS.md': ' glob \n',
      'workspace/AGENTS.md': 'root\n\n',
      'workspace/sub/AGENTS.md': ' sub ',
    },
    expected: 'glob\n\n--- project-doc ---\n\nroot\n\n\n\n sub ',
  },
  {
    rule: 'without a repository only the cwd counts',
    files: { 'workspace/AGENTS.md': 'root', 'workspace/sub/AGENTS.md': 'sub' },
    expected: 'sub',
  },
  {
    rule: 'project_root_markers have no say here',
    files: { MARK: '', 'workspace/AGENTS.md': 'root', 'workspace/sub/AGENTS.md': 'sub' },
    toml: 'project_root_markers=["MARK"]',
    expected: 'sub',
  },
  {
    rule: 'a .git file marks a root too',
    files: { 'workspace/.git': 'gitdir: x', 'workspace/AGENTS.md': 'root', 'workspace/sub/x': '' },
    expected: 'root',
  },
  {
    rule: 'blank files are left out',
    files: { ...GIT, 'workspace/AGENTS.md': ' \n', 'workspace/sub/AGENTS.md': 'sub' },
    expected: 'sub',
  },
  {
    rule: 'a blank override of the user falls back to AGENTS.md',
    files: { 'codex-home/AGENTS.override.md': ' ', 'codex-home/AGENTS.md': 'glob' },
    expected: 'glob',
  },
  {
    rule: 'a blank override in a project hides AGENTS.md',
    files: {
      ...GIT,
      'workspace/AGENTS.md': 'root',
      'workspace/sub/AGENTS.override.md': ' ',
      'workspace/sub/AGENTS.md': 'sub',
    },
    expected: 'root',
  },
  {
    rule: 'an override in a project replaces AGENTS.md',
    files: { 'workspace/sub/AGENTS.override.md': 'over', 'workspace/sub/AGENTS.md': 'sub' },
    expected: 'over',
  },
  {
    rule: 'fallback names are tried in order',
    files: { 'workspace/sub/F.md': 'fff', 'workspace/sub/G.md': 'ggg' },
    toml: 'project_doc_fallback_filenames=[" ","G.md","F.md"]',
    expected: 'ggg',
  },
  {
    rule: 'the limit cuts the file that crosses it and does not count the user text',
    files: {
      ...GIT,
      'codex-home/AGENTS.md': 'glob',
      'workspace/AGENTS.md': '12345',
      'workspace/sub/AGENTS.md': '67890',
    },
    toml: 'project_doc_max_bytes=7',
    expected: 'glob\n\n--- project-doc ---\n\n12345\n\n67',
  },
  {
    rule: 'the limit cuts between characters',
    files: { 'workspace/sub/AGENTS.md': '1é2345' },
    toml: 'project_doc_max_bytes=2',
    expected: '1',
  },
  {
    rule: 'a limit that is used up leaves the rest out',
    files: { ...GIT, 'workspace/AGENTS.md': '12', 'workspace/sub/AGENTS.md': '67890' },
    toml: 'project_doc_max_bytes=2',
    expected: '12',
  },
  {
    rule: 'a limit of zero leaves all project files out',
    files: { 'codex-home/AGENTS.md': 'glob', 'workspace/sub/AGENTS.md': 'sub' },
    toml: 'project_doc_max_bytes=0',
    expected: 'glob',
  },
  {
    rule: 'the key instructions is ignored',
    files: {},
    toml: 'instructions="x"',
    expected: null,
  },
];

for (const { rule, files, toml, expected } of CASES) {
  test(rule, async () => {
    await using box = await sandbox({ 'workspace/sub/keep': '', ...files, 'codex-home/config.toml': toml ?? '' });
    assert.equal(await loadUserInstructions(await box.load({ cwd: 'sub' }), []), expected);
  });
}

test('a folder named AGENTS.md is passed over, a link is followed', async () => {
  await using box = await sandbox({ 'workspace/F.md': 'linked' });
  await mkdir(join(box.workspace, 'AGENTS.override.md'));
  await symlink('F.md', join(box.workspace, 'AGENTS.md'));
  assert.equal(await loadUserInstructions(await box.load(), []), 'linked');
});

test('a cwd that does not exist has nothing to say', async () => {
  await using box = await sandbox();
  assert.equal(await loadUserInstructions(await box.load({ cwd: '/nowhere/at/all' }), []), null);
});

test('skills follow the files after a blank line, then the note of child_agents_md', async () => {
  await using box = await sandbox({ 'workspace/AGENTS.md': 'root' });
  const skills = [{ name: 'a', description: 'd', path: '/a/SKILL.md' }];
  const text = await loadUserInstructions(await box.load(), skills);
  assert.ok(text?.startsWith('root\n\n## Skills\n'));
  const more = await loadUserInstructions(await box.load({ enable: ['child_agents_md'] }), skills);
  assert.ok(text !== null && more?.startsWith(`${text}\n\n`));
});
