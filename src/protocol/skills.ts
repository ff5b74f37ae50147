/** Skills: what is there and what is enabled. */
import { request } from './define.ts';
import * as t from './schema/types.ts';

/** Where a skill comes from. */
export const SkillScope = t.words('SkillScope', ['user', 'repo', 'system', 'admin']);
export type SkillScope = t.Infer<typeof SkillScope>;

/** A skill file that could not be read. */
export const SkillErrorInfo = t.struct('SkillErrorInfo', { path: t.string, message: t.string });
export type SkillErrorInfo = t.Infer<typeof SkillErrorInfo>;

/** How a client shows a skill. */
export const SkillInterface = t.struct('SkillInterface', {
  displayName: t.opt(t.string),
  shortDescription: t.opt(t.string),
  iconSmall: t.opt(t.string),
  iconLarge: t.opt(t.string),
  brandColor: t.opt(t.string),
  defaultPrompt: t.opt(t.string),
});
export type SkillInterface = t.Infer<typeof SkillInterface>;

/** A tool that a skill needs. */
export const SkillToolDependency = t.struct('SkillToolDependency', {
  type: t.string,
  value: t.string,
  description: t.opt(t.string),
  transport: t.opt(t.string),
  command: t.opt(t.string),
  url: t.opt(t.string),
});
export type SkillToolDependency = t.Infer<typeof SkillToolDependency>;

/** What a skill needs. */
export const SkillDependencies = t.struct('SkillDependencies', { tools: t.list(SkillToolDependency) });
export type SkillDependencies = t.Infer<typeof SkillDependencies>;

/** A skill without its instructions. */
export const SkillMetadata = t.struct('SkillMetadata', {
  name: t.string,
  description: t.string,
  shortDescription: t.opt(t.string),
  interface: t.opt(SkillInterface),
  dependencies: t.opt(SkillDependencies),
  /** The absolute path of its SKILL.md. */
  path: t.string,
  scope: SkillScope,
  enabled: t.boolean,
});
export type SkillMetadata = t.Infer<typeof SkillMetadata>;

/** The skills that apply in one folder. */
export const SkillsListEntry = t.struct('SkillsListEntry', {
  cwd: t.string,
  skills: t.list(SkillMetadata),
  errors: t.list(SkillErrorInfo),
});
export type SkillsListEntry = t.Infer<typeof SkillsListEntry>;

/** Params of `skills/list`. */
export const SkillsListParams = t.struct('SkillsListParams', {
  /** The server's working folder when empty. */
  cwds: t.orEmpty(t.list(t.path), []),
  /** Reads the files again instead of using the cache. */
  forceReload: t.orEmpty(t.boolean, false),
});
export type SkillsListParams = t.Infer<typeof SkillsListParams>;

/** Answers `skills/list`. */
export const SkillsListResponse = t.struct('SkillsListResponse', { data: t.list(SkillsListEntry) });
export type SkillsListResponse = t.Infer<typeof SkillsListResponse>;

/** Params of `skills/config/write`. */
export const SkillsConfigWriteParams = t.struct('SkillsConfigWriteParams', {
  /** The path of the skill's SKILL.md. */
  path: t.path,
  enabled: t.boolean,
});
export type SkillsConfigWriteParams = t.Infer<typeof SkillsConfigWriteParams>;

/** Answers `skills/config/write`. */
export const SkillsConfigWriteResponse = t.struct('SkillsConfigWriteResponse', { effectiveEnabled: t.boolean });
export type SkillsConfigWriteResponse = t.Infer<typeof SkillsConfigWriteResponse>;

/** Messages about skills. */
export const skillMessages = [
  /** Lists skills by folder. */
  request('skills/list', SkillsListParams, SkillsListResponse),
  /** Enables or disables a skill. */
  request('skills/config/write', SkillsConfigWriteParams, SkillsConfigWriteResponse),
] as const;
