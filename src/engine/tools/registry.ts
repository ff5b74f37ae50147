/** Which tools a turn offers, in which order, and which one answers a call. */
import type { EffectiveConfig } from '../../contract/effective-config.ts';
import type { ShellType } from '../../contract/model-profile.ts';
import { type TurnSettings, webSearchMode } from '../../contract/turn-settings.ts';
import { mcpResourceSpecs, mcpResourceTools } from './mcp-resources.ts';
import { patchFreeformSpec, patchFunctionSpec, patchTool } from './patch.ts';
import { planSpec, planTool } from './plan.ts';
import { localShellTool, scriptSpec, scriptTool, shellSpec, shellTool } from './shell.ts';
import type { Tool, ToolCall } from './tool.ts';
import { userInputSpec, userInputTool } from './user-input.ts';
import { viewImageSpec, viewImageTool } from './view-image.ts';

/** The shell a turn offers. Interactive sessions are not built, so their place is taken by the script form. */
function shellTypeOf(settings: TurnSettings, config: EffectiveConfig): Exclude<ShellType, 'unified_exec'> {
  if (!config.features.shell_tool) return 'disabled';
  const wanted = config.features.unified_exec ? 'unified_exec' : settings.profile.shellType;
  return wanted === 'unified_exec' ? 'shell_command' : wanted;
}

function shellSpecs(type: Exclude<ShellType, 'unified_exec'>, requestRule: boolean): object[] {
  switch (type) {
    case 'disabled':
      return [];
    case 'default':
      return [shellSpec(requestRule)];
    case 'shell_command':
      return [scriptSpec(requestRule)];
    case 'local':
      return [{ type: 'local_shell' }];
  }
}

function patchForm(settings: TurnSettings, config: EffectiveConfig): 'freeform' | 'function' | null {
  return settings.profile.applyPatchTool ?? (config.features.apply_patch_freeform ? 'freeform' : null);
}

export const hasFreeformPatch = (settings: TurnSettings, config: EffectiveConfig): boolean =>
  patchForm(settings, config) === 'freeform';

/** The `tools` of a request, in the order models were trained to see. */
export function toolSpecs(settings: TurnSettings, config: EffectiveConfig): object[] {
  const search = webSearchMode(config.webSearch, settings.sandboxPolicy);
  const patch = patchForm(settings, config);
  return [
    ...shellSpecs(shellTypeOf(settings, config), config.features.request_rule),
    ...mcpResourceSpecs,
    planSpec,
    ...(config.features.collaboration_modes ? [userInputSpec] : []),
    ...(patch === null ? [] : [patch === 'freeform' ? patchFreeformSpec : patchFunctionSpec]),
    ...(search === 'disabled' ? [] : [{ type: 'web_search', external_web_access: search === 'live' }]),
    viewImageSpec,
  ];
}

/** The tool that answers a call, also under names that are accepted without being offered; null when there is none. */
export function findTool(call: ToolCall, settings: TurnSettings, config: EffectiveConfig): Tool | null {
  const tools = availableTools(settings, config);
  if (call.kind === 'localShell') return tools.includes(localShellTool) ? localShellTool : null;
  const found = tools.find(({ names }) => names.includes(call.name)) ?? null;
  // Only the patch tool has a free form; every other tool wants arguments.
  return call.kind === 'custom' && found !== patchTool ? null : found;
}

function availableTools(settings: TurnSettings, config: EffectiveConfig): readonly Tool[] {
  const shell = shellTypeOf(settings, config) === 'disabled' ? [] : [shellTool, scriptTool, localShellTool];
  const patch = patchForm(settings, config) === null ? [] : [patchTool];
  const questions = config.features.collaboration_modes ? [userInputTool] : [];
  return [...shell, ...patch, ...questions, planTool, viewImageTool, ...mcpResourceTools];
}
