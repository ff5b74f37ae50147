/** `request_user_input`: a few questions to the user in the middle of a turn. */
import * as s from '../../base/json/schema.ts';
import type { ModeKind } from '../../protocol/policies.ts';
import { ToolFailure } from '../failures.ts';
import { decodeArguments } from './arguments.ts';
import type { Tool, ToolSet } from './tool.ts';

const UserInputArguments = s.object({
  questions: s.list(
    s.object({
      id: s.string,
      header: s.string,
      question: s.string,
      isOther: s.nullish(s.boolean),
      isSecret: s.nullish(s.boolean),
      options: s.nullish(s.list(s.object({ label: s.string, description: s.string }))),
    }),
  ),
});

const MODE_NAME: Readonly<Record<ModeKind, string>> = {
  plan: 'Plan',
  code: 'Code',
  pair_programming: 'Pair Programming',
  execute: 'Execute',
  custom: 'Custom',
};

const userInputSpec = {
  type: 'function',
  name: 'request_user_input',
  description:
    'Asks the user one to three short questions and waits for the answers. Works only in the modes Plan and Pair Programming.',
  strict: false,
  parameters: {
    type: 'object',
    properties: {
      questions: {
        type: 'array',
        description: 'The questions, at most three.',
        items: {
          type: 'object',
          properties: {
            header: { type: 'string', description: 'A label of a few words.' },
            id: { type: 'string', description: 'Names the answer in the reply; snake_case.' },
            options: {
              type: 'array',
              description:
                'Two or three answers to choose from, the recommended one first. The user can always write another.',
              items: {
                type: 'object',
                properties: {
                  description: { type: 'string', description: 'What choosing it means, in one sentence.' },
                  label: { type: 'string', description: 'One to five words.' },
                },
                required: ['label', 'description'],
                additionalProperties: false,
              },
            },
            question: { type: 'string', description: 'The question, in one sentence.' },
          },
          required: ['id', 'header', 'question', 'options'],
          additionalProperties: false,
        },
      },
    },
    required: ['questions'],
    additionalProperties: false,
  },
} as const;

const userInputTool: Tool = {
  names: ['request_user_input'],
  parallel: false,
  abortedOutput: () => 'request_user_input was cancelled before receiving a response',
  async run(call, { questions: client, turn, itemId, signal }) {
    const { questions } = decodeArguments(UserInputArguments, call.kind === 'function' ? call.args : '');
    const { mode } = turn.settings.collaborationMode;
    if (mode !== 'plan' && mode !== 'pair_programming') {
      throw new ToolFailure(`request_user_input is unavailable in ${MODE_NAME[mode]} mode`);
    }
    if (questions.some(({ options }) => (options ?? []).length === 0)) {
      throw new ToolFailure('request_user_input requires non-empty options for every question');
    }
    const answers = await client.user(
      turn.id,
      itemId,
      questions.map(({ id, header, question, isSecret, options }) => ({
        id,
        header,
        question,
        // Every question may be answered in the user's own words.
        isOther: true,
        isSecret: isSecret ?? false,
        options: options ?? null,
      })),
      signal,
    );
    const entries = Object.entries(answers).map(([id, given]) => [id, { answers: given }]);
    return { output: JSON.stringify({ answers: Object.fromEntries(entries) }) };
  },
};

export const userInputTools: ToolSet = {
  offer: (_settings, { features }) => (features.collaboration_modes ? [userInputSpec] : []),
  tools: [userInputTool],
};
