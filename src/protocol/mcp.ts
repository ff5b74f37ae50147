/** MCP servers: state, tools and login. */
import { notification, request } from './define.ts';
import { Resource, ResourceTemplate, Tool } from './mcp-content.ts';
import * as t from './schema/types.ts';

/** How the server is logged in to an MCP server. */
export const McpAuthStatus = t.words('McpAuthStatus', ['unsupported', 'notLoggedIn', 'bearerToken', 'oAuth']);
export type McpAuthStatus = t.Infer<typeof McpAuthStatus>;

/** An MCP server and what it offers. */
export const McpServerStatus = t.struct('McpServerStatus', {
  name: t.string,
  /** Tools by name. */
  tools: t.mapOf(Tool),
  resources: t.list(Resource),
  resourceTemplates: t.list(ResourceTemplate),
  authStatus: McpAuthStatus,
});
export type McpServerStatus = t.Infer<typeof McpServerStatus>;

/** Params of `mcpServerStatus/list`. */
export const ListMcpServerStatusParams = t.struct('ListMcpServerStatusParams', {
  cursor: t.opt(t.string),
  limit: t.opt(t.uint32),
});
export type ListMcpServerStatusParams = t.Infer<typeof ListMcpServerStatusParams>;

/** Answers `mcpServerStatus/list`. */
export const ListMcpServerStatusResponse = t.struct('ListMcpServerStatusResponse', {
  data: t.list(McpServerStatus),
  nextCursor: t.orNull(t.string),
});
export type ListMcpServerStatusResponse = t.Infer<typeof ListMcpServerStatusResponse>;

/** Names the MCP server to log in to. */
export const McpServerOauthLoginParams = t.struct('McpServerOauthLoginParams', {
  name: t.string,
  scopes: t.omitted(t.list(t.string)),
  timeoutSecs: t.omitted(t.int64),
});
export type McpServerOauthLoginParams = t.Infer<typeof McpServerOauthLoginParams>;

/** Answers `mcpServer/oauth/login`. */
export const McpServerOauthLoginResponse = t.struct('McpServerOauthLoginResponse', {
  /** The address to open in a browser. */
  authorizationUrl: t.string,
});
export type McpServerOauthLoginResponse = t.Infer<typeof McpServerOauthLoginResponse>;

/** Answers `config/mcpServer/reload`; it has no members. */
export const McpServerRefreshResponse = t.struct('McpServerRefreshResponse', {});
export type McpServerRefreshResponse = t.Infer<typeof McpServerRefreshResponse>;

/** Params of `mcpServer/oauthLogin/completed`. */
export const McpServerOauthLoginCompletedNotification = t.struct('McpServerOauthLoginCompletedNotification', {
  name: t.string,
  success: t.boolean,
  error: t.opt(t.string),
});
export type McpServerOauthLoginCompletedNotification = t.Infer<typeof McpServerOauthLoginCompletedNotification>;

/** Messages about MCP servers. */
export const mcpMessages = [
  /** Starts a login to an MCP server in a browser. */
  request('mcpServer/oauth/login', McpServerOauthLoginParams, McpServerOauthLoginResponse),
  /** Reads the configuration of MCP servers again. */
  request('config/mcpServer/reload', null, McpServerRefreshResponse),
  /** Lists MCP servers with their tools and resources, page by page. */
  request('mcpServerStatus/list', ListMcpServerStatusParams, ListMcpServerStatusResponse),
  /** Reports how a login to an MCP server ended. */
  notification('mcpServer/oauthLogin/completed', McpServerOauthLoginCompletedNotification),
] as const;
