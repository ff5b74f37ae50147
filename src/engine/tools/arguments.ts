/** Decoding what a model wrote as arguments. The message is for the model, so it names the field. */
import * as z from 'zod/mini';
import { messageOf } from '../../base/errors.ts';
import { ToolFailure } from '../failures.ts';

const PREFIX = 'failed to parse function arguments: ';

/** Parses and checks; throws `ToolFailure` in the model's terms. Unknown members are ignored unless the schema objects. */
export function decodeArguments<T>(schema: z.ZodMiniType<T>, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ToolFailure(`${PREFIX}${messageOf(error)}`);
  }
  const result = schema.safeParse(value, { reportInput: false });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
  throw new ToolFailure(`${PREFIX}${where}${issue?.message ?? 'unexpected shape'}`);
}

/** Optional in the model's eyes: absent or null. */
export const maybe = <T>(schema: z.ZodMiniType<T>) => z.optional(z.nullable(schema));
