/** Decoding what a model wrote as arguments. The message is for the model, so it names the field. */
import * as z from 'zod/mini';
import { messageOf } from '../../base/errors.ts';
import { parseWellFormed } from '../../base/well-formed.ts';
import { ToolFailure } from '../failures.ts';

const PREFIX = 'failed to parse function arguments: ';

/** Parses and checks; throws `ToolFailure` in the model's terms. Unknown members are ignored unless the schema objects. */
export function decodeArguments<T>(schema: z.ZodMiniType<T>, text: string): T {
  let value: unknown;
  try {
    value = parseWellFormed(text);
  } catch (error) {
    throw new ToolFailure(`${PREFIX}${messageOf(error)}`);
  }
  const result = schema.safeParse(value, { reportInput: false });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
  throw new ToolFailure(`${PREFIX}${where}${issue === undefined ? 'unexpected shape' : faultOf(issue, value)}`);
}

/** What is wrong at the place of an issue, in words that tell the model what to send. */
function faultOf(issue: z.core.$ZodIssue, whole: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return isMissing(issue.path, whole)
        ? 'missing'
        : `expected ${TYPE_NAMES[issue.expected] ?? `a ${issue.expected}`}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map((value) => `\`${String(value)}\``).join(', ')}`;
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'unrecognized_keys':
      return `unknown member ${issue.keys.map((key) => `\`${key}\``).join(', ')}`;
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_union':
    case 'not_multiple_of':
      return issue.message;
  }
}

function isMissing(path: readonly PropertyKey[], whole: unknown): boolean {
  const found = path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    whole,
  );
  return found === undefined;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  array: 'an array',
  int: 'a whole number',
  object: 'an object',
};

/** Optional in the model's eyes: absent or null. */
export const maybe = <T>(schema: z.ZodMiniType<T>) => z.optional(z.nullable(schema));
