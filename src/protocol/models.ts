/** Models and collaboration modes to choose from. */
import { request } from './define.ts';
import { ModeKind, ReasoningEffort } from './policies.ts';
import * as t from './schema/types.ts';

/** A reasoning effort that a model offers. */
export const ReasoningEffortOption = t.struct('ReasoningEffortOption', {
  reasoningEffort: ReasoningEffort,
  description: t.string,
});
export type ReasoningEffortOption = t.Infer<typeof ReasoningEffortOption>;

/** A model that a client can choose. */
export const Model = t.struct('Model', {
  id: t.string,
  /** The name to send in requests. */
  model: t.string,
  displayName: t.string,
  description: t.string,
  supportedReasoningEfforts: t.list(ReasoningEffortOption),
  defaultReasoningEffort: ReasoningEffort,
  /** Whether the model follows `personality`. */
  supportsPersonality: t.withDefault(t.boolean, false),
  isDefault: t.boolean,
});
export type Model = t.Infer<typeof Model>;

/** Params of `model/list`. */
export const ModelListParams = t.struct('ModelListParams', { cursor: t.opt(t.string), limit: t.opt(t.uint32) });
export type ModelListParams = t.Infer<typeof ModelListParams>;

/** Answers `model/list`. */
export const ModelListResponse = t.struct('ModelListResponse', { data: t.list(Model), nextCursor: t.orNull(t.string) });
export type ModelListResponse = t.Infer<typeof ModelListResponse>;

/** A preset for collaboration modes; null members keep the current setting. */
export const CollaborationModeMask = t.struct('CollaborationModeMask', {
  name: t.string,
  mode: t.orNull(ModeKind),
  model: t.orNull(t.string),
  reasoning_effort: t.orNull(ReasoningEffort),
  developer_instructions: t.orNull(t.string),
});
export type CollaborationModeMask = t.Infer<typeof CollaborationModeMask>;

/** Params of `collaborationMode/list`; it has no members. */
export const CollaborationModeListParams = t.struct('CollaborationModeListParams', {});
export type CollaborationModeListParams = t.Infer<typeof CollaborationModeListParams>;

/** Answers `collaborationMode/list`. */
export const CollaborationModeListResponse = t.struct('CollaborationModeListResponse', {
  data: t.list(CollaborationModeMask),
});
export type CollaborationModeListResponse = t.Infer<typeof CollaborationModeListResponse>;

/** Messages about models. */
export const modelMessages = [
  /** Lists models that the account can use, page by page. */
  request('model/list', ModelListParams, ModelListResponse),
  /** Lists presets for collaboration modes. */
  request('collaborationMode/list', CollaborationModeListParams, CollaborationModeListResponse),
] as const;
