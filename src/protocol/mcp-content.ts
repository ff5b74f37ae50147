/** What MCP servers offer and return: tools, resources and content blocks. */
import * as t from './schema/types.ts';

export const Role = t.words('Role', ['assistant', 'user']);
export type Role = t.Infer<typeof Role>;

export const Annotations = t.struct('Annotations', {
  audience: t.opt(t.list(Role)),
  lastModified: t.opt(t.string),
  priority: t.opt(t.double),
});
export type Annotations = t.Infer<typeof Annotations>;

export const TextContent = t.struct('TextContent', { annotations: t.opt(Annotations), text: t.string, type: t.string });
export type TextContent = t.Infer<typeof TextContent>;

export const ImageContent = t.struct('ImageContent', {
  annotations: t.opt(Annotations),
  data: t.string,
  mimeType: t.string,
  type: t.string,
});
export type ImageContent = t.Infer<typeof ImageContent>;

export const AudioContent = t.struct('AudioContent', {
  annotations: t.opt(Annotations),
  data: t.string,
  mimeType: t.string,
  type: t.string,
});
export type AudioContent = t.Infer<typeof AudioContent>;

export const Resource = t.struct('Resource', {
  annotations: t.opt(Annotations),
  description: t.opt(t.string),
  mimeType: t.opt(t.string),
  name: t.string,
  size: t.opt(t.int64),
  title: t.opt(t.string),
  uri: t.string,
});
export type Resource = t.Infer<typeof Resource>;

export const ResourceLink = t.struct('ResourceLink', {
  annotations: t.opt(Annotations),
  description: t.opt(t.string),
  mimeType: t.opt(t.string),
  name: t.string,
  size: t.opt(t.int64),
  title: t.opt(t.string),
  type: t.string,
  uri: t.string,
});
export type ResourceLink = t.Infer<typeof ResourceLink>;

export const ResourceTemplate = t.struct('ResourceTemplate', {
  annotations: t.opt(Annotations),
  description: t.opt(t.string),
  mimeType: t.opt(t.string),
  name: t.string,
  title: t.opt(t.string),
  uriTemplate: t.string,
});
export type ResourceTemplate = t.Infer<typeof ResourceTemplate>;

export const TextResourceContents = t.struct('TextResourceContents', {
  mimeType: t.opt(t.string),
  text: t.string,
  uri: t.string,
});
export type TextResourceContents = t.Infer<typeof TextResourceContents>;

export const BlobResourceContents = t.struct('BlobResourceContents', {
  blob: t.string,
  mimeType: t.opt(t.string),
  uri: t.string,
});
export type BlobResourceContents = t.Infer<typeof BlobResourceContents>;

export const EmbeddedResourceResource = t.untagged('EmbeddedResourceResource', [
  TextResourceContents,
  BlobResourceContents,
]);
export type EmbeddedResourceResource = t.Infer<typeof EmbeddedResourceResource>;

export const EmbeddedResource = t.struct('EmbeddedResource', {
  annotations: t.opt(Annotations),
  resource: EmbeddedResourceResource,
  type: t.string,
});
export type EmbeddedResource = t.Infer<typeof EmbeddedResource>;

export const ContentBlock = t.untagged('ContentBlock', [
  TextContent,
  ImageContent,
  AudioContent,
  ResourceLink,
  EmbeddedResource,
]);
export type ContentBlock = t.Infer<typeof ContentBlock>;

export const ToolAnnotations = t.struct('ToolAnnotations', {
  destructiveHint: t.opt(t.boolean),
  idempotentHint: t.opt(t.boolean),
  openWorldHint: t.opt(t.boolean),
  readOnlyHint: t.opt(t.boolean),
  title: t.opt(t.string),
});
export type ToolAnnotations = t.Infer<typeof ToolAnnotations>;

export const ToolInputSchema = t.struct('ToolInputSchema', {
  properties: t.anything,
  required: t.opt(t.list(t.string)),
  type: t.withDefault(t.string, 'object'),
});
export type ToolInputSchema = t.Infer<typeof ToolInputSchema>;

export const ToolOutputSchema = t.struct('ToolOutputSchema', {
  properties: t.anything,
  required: t.opt(t.list(t.string)),
  type: t.withDefault(t.string, 'object'),
});
export type ToolOutputSchema = t.Infer<typeof ToolOutputSchema>;

export const Tool = t.struct('Tool', {
  annotations: t.opt(ToolAnnotations),
  description: t.opt(t.string),
  inputSchema: ToolInputSchema,
  name: t.string,
  outputSchema: t.opt(ToolOutputSchema),
  title: t.opt(t.string),
});
export type Tool = t.Infer<typeof Tool>;
