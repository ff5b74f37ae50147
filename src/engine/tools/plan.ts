/** `update_plan`: the model's checklist, shown to the user. */
import * as s from '../../base/json/schema.ts';
import { ToolFailure } from '../failures.ts';
import { decodeArguments } from './arguments.ts';
import { abortedByUser, type Tool, type ToolSet } from './tool.ts';

const PlanArguments = s.closed({
  explanation: s.nullish(s.string),
  plan: s.list(s.closed({ step: s.string, status: s.words('pending', 'in_progress', 'completed') })),
});

const planSpec = {
  type: 'function',
  name: 'update_plan',
  description:
    'Shows the user a short plan and how far it has come. Send the whole list every time; keep exactly one step in progress until all are done.',
  strict: false,
  parameters: {
    type: 'object',
    properties: {
      explanation: { type: 'string' },
      plan: {
        type: 'array',
        description: 'All steps, in order.',
        items: {
          type: 'object',
          properties: {
            status: { type: 'string', description: 'pending, in_progress or completed.' },
            step: { type: 'string' },
          },
          required: ['step', 'status'],
          additionalProperties: false,
        },
      },
    },
    required: ['plan'],
    additionalProperties: false,
  },
} as const;

const planTool: Tool = {
  names: ['update_plan'],
  parallel: false,
  abortedOutput: abortedByUser,
  async run(call, { recorder, turn }) {
    const { explanation, plan } = decodeArguments(PlanArguments, call.kind === 'function' ? call.args : '');
    if (turn.settings.collaborationMode.mode === 'plan') {
      throw new ToolFailure('update_plan is a TODO/checklist tool and cannot be used in Plan mode');
    }
    recorder.storeAndEmit({ kind: 'planUpdated', turnId: turn.id, explanation: explanation ?? null, plan });
    return { output: 'Plan updated' };
  },
};

export const planTools: ToolSet = { offer: () => [planSpec], tools: [planTool] };
