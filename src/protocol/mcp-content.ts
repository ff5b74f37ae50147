/** What MCP servers offer and return: tools, resources and content blocks. */
import * as t from './schema/types.ts';

/** Who speaks or is spoken to. */
export const Role = t.words('Role', ['assistant', 'user']);
export type Role = t.Infer<typeof Role>;

/** Hints on how to use a content block or resource. */
export const Annotations = t.struct('Annotations', {
  audience: t.opt(t.list(Role)),
  lastModified: t.opt(t.string),
  /** From 0, optional, to 1, required. */
  priority: t.opt(t.double),
});
export type Annotations = t.Infer<typeof Annotations>;

/** Text. */
export const TextContent = t.struct('TextContent', { annotations: t.opt(Annotations), text: t.string, type: t.string });
export type TextContent = t.Infer<typeof TextContent>;

/** An image. */
export const ImageContent = t.struct('ImageContent', {
  annotations: t.opt(Annotations),
  /** Base64. */
  data: t.string,
  mimeType: t.string,
  type: t.string,
});
export type ImageContent = t.Infer<typeof ImageContent>;

/** A sound. */
export const AudioContent = t.struct('AudioContent', {
  annotations: t.opt(Annotations),
  /** Base64. */
  data: t.string,
  mimeType: t.string,
  type: t.string,
});
export type AudioContent = t.Infer<typeof AudioContent>;

/** A resource that an MCP server offers. */
export const Resource = t.struct('Resource', {
  annotations: t.opt(Annotations),
  description: t.opt(t.string),
  mimeType: t.opt(t.string),
  name: t.string,
  /** Bytes. */
  size: t.opt(t.int64),
  title: t.opt(t.string),
  uri: t.string,
});
export type Resource = t.Infer<typeof Resource>;

/** A link to a resource of an MCP server. */
export const ResourceLink = t.struct('ResourceLink', {
  annotations: t.opt(Annotations),
  description: t.opt(t.string),
  mimeType: t.opt(t.string),
  name: t.string,
  /** Bytes. */
  size: t.opt(t.int64),
  title: t.opt(t.string),
  type: t.string,
  uri: t.string,
});
export type ResourceLink = t.Infer<typeof ResourceLink>;

/** A pattern for the URIs of resources. */
export const ResourceTemplate = t.struct('ResourceTemplate', {
  annotations: t.opt(Annotations),
  description: t.opt(t.string),
  mimeType: t.opt(t.string),
  name: t.string,
  title: t.opt(t.string),
  uriTemplate: t.string,
});
export type ResourceTemplate = t.Infer<typeof ResourceTemplate>;

/** The content of a resource as text. */
export const TextResourceContents = t.struct('TextResourceContents', {
  mimeType: t.opt(t.string),
  text: t.string,
  uri: t.string,
});
export type TextResourceContents = t.Infer<typeof TextResourceContents>;

/** The content of a resource as bytes. */
export const BlobResourceContents = t.struct('BlobResourceContents', {
  /** Base64. */
  blob: t.string,
  mimeType: t.opt(t.string),
  uri: t.string,
});
export type BlobResourceContents = t.Infer<typeof BlobResourceContents>;

/** The content of an embedded resource. */
export const EmbeddedResourceResource = t.untagged('EmbeddedResourceResource', [
  TextResourceContents,
  BlobResourceContents,
]);
export type EmbeddedResourceResource = t.Infer<typeof EmbeddedResourceResource>;

/** A resource with its content. */
export const EmbeddedResource = t.struct('EmbeddedResource', {
  annotations: t.opt(Annotations),
  resource: EmbeddedResourceResource,
  type: t.string,
});
export type EmbeddedResource = t.Infer<typeof EmbeddedResource>;

/** One part of a tool's result. */
export const ContentBlock = t.untagged('ContentBlock', [
  TextContent,
  ImageContent,
  AudioContent,
  ResourceLink,
  EmbeddedResource,
]);
export type ContentBlock = t.Infer<typeof ContentBlock>;

/** Hints of an MCP server about its tool; they are not to be trusted. */
export const ToolAnnotations = t.struct('ToolAnnotations', {
  destructiveHint: t.opt(t.boolean),
  idempotentHint: t.opt(t.boolean),
  /** Whether the tool reaches beyond the server. */
  openWorldHint: t.opt(t.boolean),
  readOnlyHint: t.opt(t.boolean),
  title: t.opt(t.string),
});
export type ToolAnnotations = t.Infer<typeof ToolAnnotations>;

/** The JSON Schema of a tool's arguments. */
export const ToolInputSchema = t.struct('ToolInputSchema', {
  properties: t.anything,
  required: t.opt(t.list(t.string)),
  type: t.withDefault(t.string, 'object'),
});
export type ToolInputSchema = t.Infer<typeof ToolInputSchema>;

/** The JSON Schema of a tool's structured result. */
export const ToolOutputSchema = t.struct('ToolOutputSchema', {
  properties: t.anything,
  required: t.opt(t.list(t.string)),
  type: t.withDefault(t.string, 'object'),
});
export type ToolOutputSchema = t.Infer<typeof ToolOutputSchema>;

/** A tool of an MCP server. */
export const Tool = t.struct('Tool', {
  annotations: t.opt(ToolAnnotations),
  description: t.opt(t.string),
  inputSchema: ToolInputSchema,
  name: t.string,
  outputSchema: t.opt(ToolOutputSchema),
  title: t.opt(t.string),
});
export type Tool = t.Infer<typeof Tool>;
