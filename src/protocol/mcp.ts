/** MCP servers: state, tools and login. */
import { notification, request } from './define.ts';
import { Resource, ResourceTemplate, Tool } from './mcp-content.ts';
import * as t from './schema/types.ts';

export const McpAuthStatus = t.words('McpAuthStatus', ['unsupported', 'notLoggedIn', 'bearerToken', 'oAuth']);
export type McpAuthStatus = t.Infer<typeof McpAuthStatus>;

export const McpServerStatus = t.struct('McpServerStatus', {
  name: t.string,
  tools: t.mapOf(Tool),
  resources: t.list(Resource),
  resourceTemplates: t.list(ResourceTemplate),
  authStatus: McpAuthStatus,
});
export type McpServerStatus = t.Infer<typeof McpServerStatus>;

export const ListMcpServerStatusParams = t.struct('ListMcpServerStatusParams', {
  cursor: t.opt(t.string),
  limit: t.opt(t.uint32),
});
export type ListMcpServerStatusParams = t.Infer<typeof ListMcpServerStatusParams>;

export const ListMcpServerStatusResponse = t.struct('ListMcpServerStatusResponse', {
  data: t.list(McpServerStatus),
  nextCursor: t.orNull(t.string),
});
export type ListMcpServerStatusResponse = t.Infer<typeof ListMcpServerStatusResponse>;

export const McpServerOauthLoginParams = t.struct('McpServerOauthLoginParams', {
  name: t.string,
  scopes: t.omitted(t.list(t.string)),
  timeoutSecs: t.omitted(t.int64),
});
export type McpServerOauthLoginParams = t.Infer<typeof McpServerOauthLoginParams>;

export const McpServerOauthLoginResponse = t.struct('McpServerOauthLoginResponse', { authorizationUrl: t.string });
export type McpServerOauthLoginResponse = t.Infer<typeof McpServerOauthLoginResponse>;

export const McpServerRefreshResponse = t.struct('McpServerRefreshResponse', {});
export type McpServerRefreshResponse = t.Infer<typeof McpServerRefreshResponse>;

export const McpServerOauthLoginCompletedNotification = t.struct('McpServerOauthLoginCompletedNotification', {
  name: t.string,
  success: t.boolean,
  error: t.opt(t.string),
});
export type McpServerOauthLoginCompletedNotification = t.Infer<typeof McpServerOauthLoginCompletedNotification>;

export const mcpServerOauthLogin = request(
  'mcpServer/oauth/login',
  McpServerOauthLoginParams,
  McpServerOauthLoginResponse,
);
export const configMcpServerReload = request('config/mcpServer/reload', null, McpServerRefreshResponse);
export const mcpServerStatusList = request(
  'mcpServerStatus/list',
  ListMcpServerStatusParams,
  ListMcpServerStatusResponse,
);
export const mcpServerOauthLoginCompleted = notification(
  'mcpServer/oauthLogin/completed',
  McpServerOauthLoginCompletedNotification,
);
