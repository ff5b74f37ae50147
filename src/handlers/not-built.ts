/** Methods that are declared and not built yet. They answer so; the README's table says which they are. */
export const NOT_BUILT = [
  'app/list',
  'review/start',
  'collaborationMode/list',
  'mcpServer/oauth/login',
  'config/mcpServer/reload',
  'mcpServerStatus/list',
  'feedback/upload',
  'command/exec',
  'config/read',
  'config/value/write',
  'config/batchWrite',
  'configRequirements/read',
  'gitDiffToRemote',
  'setDefaultModel',
  'execOneOffCommand',
] as const;
