/** Which tools a turn offers, in which order, and which one answers a call. */
import type { EffectiveConfig } from '../../contract/effective-config.ts';
import type { TurnSettings } from '../../contract/turn-settings.ts';
import { mcpResourceTools } from './mcp-resources.ts';
import { patchTools } from './patch.ts';
import { planTools } from './plan.ts';
import { shellTools } from './shell.ts';
import type { Tool, ToolCall, ToolSet } from './tool.ts';
import { userInputTools } from './user-input.ts';
import { viewImageTools } from './view-image.ts';
import { webSearchTools } from './web-search.ts';

/** In the order models were trained to see. */
const TOOL_SETS: readonly ToolSet[] = [
  shellTools,
  mcpResourceTools,
  planTools,
  userInputTools,
  patchTools,
  webSearchTools,
  viewImageTools,
];

/** The `tools` of a request. */
export const toolSpecs = (settings: TurnSettings, config: EffectiveConfig): object[] =>
  TOOL_SETS.flatMap((set) => set.offer(settings, config));

/** The tool that answers a call, also under names that are accepted without being offered; null when there is none. */
export function findTool(call: ToolCall, settings: TurnSettings, config: EffectiveConfig): Tool | null {
  const offered = TOOL_SETS.filter((set) => set.offer(settings, config).length > 0).flatMap(({ tools }) => tools);
  return offered.find((tool) => answers(tool, call)) ?? null;
}

function answers({ names, kinds = ['function'] }: Tool, call: ToolCall): boolean {
  return kinds.includes(call.kind) && (call.kind === 'localShell' || names.includes(call.name));
}
