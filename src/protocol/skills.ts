/** Skills: what is there and what is enabled. */
import { request } from './define.ts';
import * as t from './schema/types.ts';

export const SkillScope = t.words('SkillScope', ['user', 'repo', 'system', 'admin']);
export type SkillScope = t.Infer<typeof SkillScope>;

export const SkillErrorInfo = t.struct('SkillErrorInfo', { path: t.string, message: t.string });
export type SkillErrorInfo = t.Infer<typeof SkillErrorInfo>;

export const SkillInterface = t.struct('SkillInterface', {
  displayName: t.opt(t.string),
  shortDescription: t.opt(t.string),
  iconSmall: t.opt(t.string),
  iconLarge: t.opt(t.string),
  brandColor: t.opt(t.string),
  defaultPrompt: t.opt(t.string),
});
export type SkillInterface = t.Infer<typeof SkillInterface>;

export const SkillToolDependency = t.struct('SkillToolDependency', {
  type: t.string,
  value: t.string,
  description: t.opt(t.string),
  transport: t.opt(t.string),
  command: t.opt(t.string),
  url: t.opt(t.string),
});
export type SkillToolDependency = t.Infer<typeof SkillToolDependency>;

export const SkillDependencies = t.struct('SkillDependencies', { tools: t.list(SkillToolDependency) });
export type SkillDependencies = t.Infer<typeof SkillDependencies>;

export const SkillMetadata = t.struct('SkillMetadata', {
  name: t.string,
  description: t.string,
  shortDescription: t.opt(t.string),
  interface: t.opt(SkillInterface),
  dependencies: t.opt(SkillDependencies),
  path: t.string,
  scope: SkillScope,
  enabled: t.boolean,
});
export type SkillMetadata = t.Infer<typeof SkillMetadata>;

export const SkillsListEntry = t.struct('SkillsListEntry', {
  cwd: t.string,
  skills: t.list(SkillMetadata),
  errors: t.list(SkillErrorInfo),
});
export type SkillsListEntry = t.Infer<typeof SkillsListEntry>;

export const SkillsListParams = t.struct('SkillsListParams', {
  cwds: t.orEmpty(t.list(t.path), []),
  forceReload: t.orEmpty(t.boolean, false),
});
export type SkillsListParams = t.Infer<typeof SkillsListParams>;

export const SkillsListResponse = t.struct('SkillsListResponse', { data: t.list(SkillsListEntry) });
export type SkillsListResponse = t.Infer<typeof SkillsListResponse>;

export const SkillsConfigWriteParams = t.struct('SkillsConfigWriteParams', { path: t.path, enabled: t.boolean });
export type SkillsConfigWriteParams = t.Infer<typeof SkillsConfigWriteParams>;

export const SkillsConfigWriteResponse = t.struct('SkillsConfigWriteResponse', { effectiveEnabled: t.boolean });
export type SkillsConfigWriteResponse = t.Infer<typeof SkillsConfigWriteResponse>;

export const skillsList = request('skills/list', SkillsListParams, SkillsListResponse);
export const skillsConfigWrite = request('skills/config/write', SkillsConfigWriteParams, SkillsConfigWriteResponse);
