/** All skills for one cwd. In: the folders that its configuration names. Out: skills as the wire shows them, and faults. */
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ReadBounds, readBounded } from '../base/bounded-open.ts';
import { osErrorText } from '../base/os-error.ts';
import { foldersDown } from '../config/git-root.ts';
import type { EffectiveConfig } from '../contract/effective-config.ts';
import type { SkillErrorInfo, SkillMetadata, SkillScope } from '../protocol/skills.ts';
import { readFrontmatter } from './frontmatter.ts';
import { readExtras } from './openai-yaml.ts';
import { findSkillFiles, SKILL_LIMIT_BYTES } from './walk.ts';

export interface Discovered {
  readonly skills: readonly SkillMetadata[];
  readonly errors: readonly SkillErrorInfo[];
}

export type SkillConfig = Pick<
  EffectiveConfig,
  'codexHome' | 'cwd' | 'projectRoot' | 'projectFolders' | 'disabledSkills' | 'isProjectTrusted' | 'stateFolders'
>;

interface Root {
  readonly folder: string;
  readonly scope: SkillScope;
}

const SCOPE_ORDER: readonly SkillScope[] = ['repo', 'user', 'system', 'admin'];

/** Where the bundled skills are installed. */
export const systemSkillsFolder = (codexHome: string): string => join(codexHome, 'skills', '.system');

/** `systemFolder` is the administrator's, null where there is none. Never throws for what users may have written. */
export async function discoverSkills(config: SkillConfig, systemFolder: string | null): Promise<Discovered> {
  const roots = rootsOf(config, systemFolder);
  const files = await Promise.all(
    roots.map(async ({ folder, scope }) =>
      (await findSkillFiles(folder, { followLinks: scope !== 'system' })).map((path) => ({ path, scope })),
    ),
  );
  const first = new Map<string, SkillScope>();
  for (const { path, scope } of files.flat()) if (!first.has(path)) first.set(path, scope);
  const project = config.isProjectTrusted ? null : await realpath(config.projectRoot).catch(() => config.projectRoot);
  const boundsOf = (scope: SkillScope): ReadBounds => ({
    within: scope === 'repo' ? project : null,
    stateFolders: config.stateFolders,
  });
  const read = await Promise.all(
    [...first].map(([path, scope]) =>
      readSkill(path, scope, { disabled: config.disabledSkills, bounds: boundsOf(scope) }),
    ),
  );
  return {
    skills: read.flatMap((result) => ('skill' in result ? [result.skill] : [])).sort(bySkillOrder),
    errors: read
      .flatMap((result) => ('error' in result && result.scope !== 'system' ? [result.error] : []))
      .sort((a, b) => byteOrder(a.path, b.path)),
  };
}

function rootsOf({ codexHome, cwd, projectRoot, projectFolders }: SkillConfig, systemFolder: string | null): Root[] {
  return [
    ...projectFolders.map((folder): Root => ({ folder: join(folder, '.codex', 'skills'), scope: 'repo' })),
    { folder: join(codexHome, 'skills'), scope: 'user' },
    { folder: systemSkillsFolder(codexHome), scope: 'system' },
    ...(systemFolder === null ? [] : [{ folder: join(systemFolder, 'skills'), scope: 'admin' } as const]),
    ...foldersDown(projectRoot, cwd).map(
      (folder): Root => ({ folder: join(folder, '.agents', 'skills'), scope: 'repo' }),
    ),
  ];
}

type ReadSkill = { readonly skill: SkillMetadata } | { readonly error: SkillErrorInfo; readonly scope: SkillScope };

interface SkillLimits {
  readonly disabled: readonly string[];
  readonly bounds: ReadBounds;
}

async function readSkill(path: string, scope: SkillScope, { disabled, bounds }: SkillLimits): Promise<ReadSkill> {
  const text = await readText(path, bounds);
  if (!text.ok) return { error: { path, message: `failed to read file: ${text.reason}` }, scope };
  const head = await readFrontmatter(text.value);
  if (!head.ok) return { error: { path, message: head.message }, scope };
  const folder = dirname(path);
  const extrasText = await readText(join(folder, 'agents', 'openai.yaml'), bounds);
  const extras = extrasText.ok ? await readExtras(extrasText.value, folder) : null;
  const { name, description, shortDescription } = head.value;
  return {
    skill: {
      name,
      description,
      ...(shortDescription === null ? {} : { shortDescription }),
      ...(extras?.interface ? { interface: extras.interface } : {}),
      ...(extras?.dependencies ? { dependencies: extras.dependencies } : {}),
      path,
      scope,
      enabled: !disabled.includes(path),
    },
  };
}

async function readText(
  path: string,
  bounds: ReadBounds,
): Promise<{ ok: true; value: string } | { ok: false; reason: string }> {
  try {
    const bytes = await readBounded(path, SKILL_LIMIT_BYTES, bounds);
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    const reason = error instanceof TypeError ? 'stream did not contain valid UTF-8' : osErrorText(error);
    return { ok: false, reason };
  }
}

const byteOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const bySkillOrder = (a: SkillMetadata, b: SkillMetadata): number =>
  SCOPE_ORDER.indexOf(a.scope) - SCOPE_ORDER.indexOf(b.scope) || byteOrder(a.name, b.name) || byteOrder(a.path, b.path);
