/**
 * Profiles for models that no list contains, by the prefix of the name. The first matching row applies. Values observed on
 * codex app-server 0.94.0 with its model list switched off.
 */
import type { ModelTraits } from './entry.ts';
import { BASE_INSTRUCTIONS, INSTRUCTIONS_TEMPLATE, PERSONALITY_TEXTS } from './instructions.ts';

const OUTPUT_LIMIT = 10_000;
const GPT5_WINDOW = 272_000;
const REASONING_WINDOW = 200_000;

const unknownModel: ModelTraits = {
  baseInstructions: BASE_INSTRUCTIONS,
  template: null,
  defaultEffort: null,
  supportsReasoning: false,
  supportsVerbosity: false,
  defaultVerbosity: null,
  shellType: 'default',
  applyPatchTool: null,
  truncation: { mode: 'bytes', limit: OUTPUT_LIMIT },
  supportsParallelToolCalls: false,
  contextWindow: null,
  autoCompactTokenLimit: null,
  effectiveWindowPercent: 95,
  experimentalTools: [],
};

const older = (contextWindow: number): ModelTraits => ({ ...unknownModel, contextWindow });
const reasoning: ModelTraits = { ...older(REASONING_WINDOW), supportsReasoning: true };
const gpt5: ModelTraits = { ...older(GPT5_WINDOW), supportsReasoning: true };

const codex: ModelTraits = {
  ...gpt5,
  shellType: 'shell_command',
  applyPatchTool: 'freeform',
  truncation: { mode: 'tokens', limit: OUTPUT_LIMIT },
};

const codexWithTone: ModelTraits = {
  ...codex,
  supportsParallelToolCalls: true,
  template: { text: INSTRUCTIONS_TEMPLATE, personalities: PERSONALITY_TEXTS, supportsPersonality: true },
};

const general: ModelTraits = {
  ...gpt5,
  defaultEffort: 'medium',
  supportsVerbosity: true,
  defaultVerbosity: 'low',
  shellType: 'shell_command',
  applyPatchTool: 'freeform',
  supportsParallelToolCalls: true,
};

const FAMILIES: readonly (readonly [prefixes: readonly string[], traits: ModelTraits])[] = [
  [['o3', 'o4-mini'], reasoning],
  [['codex-mini-latest'], { ...reasoning, shellType: 'local' }],
  [['gpt-4.1'], older(1_047_576)],
  [['gpt-oss', 'openai/gpt-oss'], { ...older(96_000), applyPatchTool: 'function' }],
  [['gpt-4o'], older(128_000)],
  [['gpt-3.5'], older(16_385)],
  [
    ['test-gpt-5'],
    {
      ...codex,
      applyPatchTool: null,
      supportsParallelToolCalls: true,
      experimentalTools: ['grep_files', 'list_dir', 'read_file', 'test_sync_tool'],
    },
  ],
  [['exp-codex', 'codex-1p', 'gpt-5.2-codex', 'bengalfox'], codexWithTone],
  [['exp-'], { ...general, shellType: 'unified_exec' }],
  [['gpt-5.1-codex-max', 'gpt-5-codex', 'gpt-5.1-codex', 'codex-'], codex],
  [['gpt-5.2', 'boomslang', 'gpt-5.1'], general],
  [['gpt-5'], { ...gpt5, supportsVerbosity: true }],
];

export function familyOf(slug: string): ModelTraits {
  return FAMILIES.find(([prefixes]) => prefixes.some((prefix) => slug.startsWith(prefix)))?.[1] ?? unknownModel;
}
