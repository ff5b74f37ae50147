/** Decoding what a model wrote as arguments. The message is for the model, so it names the field. */
import { messageOf } from '../../base/errors.ts';
import { parseJson } from '../../base/json/parse.ts';
import { Refusal, type Schema } from '../../base/json/schema.ts';
import { ToolFailure } from '../failures.ts';

const PREFIX = 'failed to parse function arguments: ';

/** Parses and checks; throws `ToolFailure` in the model's terms. Unknown members are ignored unless the schema objects. */
export function decodeArguments<T>(schema: Schema<T>, text: string): T {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new ToolFailure(`${PREFIX}${messageOf(error)}`);
  }
  const read = schema(value);
  if (!(read instanceof Refusal)) return read;
  throw new ToolFailure(`${PREFIX}${read.path === '' ? '' : `${read.path}: `}${read.reason}`);
}
