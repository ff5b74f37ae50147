/** A stored history item: the members its type needs are checked, the rest is taken as it is. */
import type { ResponseItem } from '../protocol/response-items.ts';
import { isRecord, isString, type JsonRecord } from './json.ts';

type Check = (item: JsonRecord) => boolean;

const part = (types: readonly string[]) => (value: unknown) =>
  isRecord(value) &&
  isString(value.type) &&
  types.includes(value.type) &&
  isString(value.type === 'input_image' ? value.image_url : value.text);

const allParts = (value: unknown, types: readonly string[]): boolean =>
  Array.isArray(value) && value.every(part(types));

const absentOr = (value: unknown, passes: (value: unknown) => boolean): boolean =>
  value === undefined || value === null || passes(value);

const CHECKS: Readonly<Record<string, Check>> = {
  message: (item) => isString(item.role) && (isString(item.content) || Array.isArray(item.content)),
  reasoning: (item) =>
    allParts(item.summary, ['summary_text']) &&
    absentOr(item.content, (value) => allParts(value, ['reasoning_text', 'text'])) &&
    absentOr(item.encrypted_content, isString),
  local_shell_call: (item) => isString(item.status) && isRecord(item.action) && isExec(item.action),
  function_call: (item) => isString(item.name) && isString(item.arguments) && isString(item.call_id),
  function_call_output: (item) => isString(item.call_id),
  custom_tool_call: (item) => isString(item.call_id) && isString(item.name) && isString(item.input),
  custom_tool_call_output: (item) => isString(item.call_id),
  web_search_call: (item) => absentOr(item.action, isRecord) && absentOr(item.status, isString),
  ghost_snapshot: (item) => isRecord(item.ghost_commit),
  compaction: (item) => isString(item.encrypted_content),
};

const isExec = (action: JsonRecord): boolean =>
  action.type === 'exec' && Array.isArray(action.command) && action.command.every(isString);

/** null when a member that the type needs is missing; types that nobody knows are `other`. */
export function decodeItem(value: unknown): ResponseItem | null {
  if (!isRecord(value) || !isString(value.type)) return null;
  const type = value.type === 'compaction_summary' ? 'compaction' : value.type;
  if (!Object.hasOwn(CHECKS, type)) return { type: 'other' };
  if (CHECKS[type]?.(value) !== true) return null;
  const known = type === 'message' ? withContent(value) : withOutput(value);
  return (type === value.type ? known : { ...value, type }) as unknown as ResponseItem;
}

const UNKNOWN_PART = '[a part of a kind that is not known here was left out]';
const IMAGE_PART = '[an image was left out]';
const isPart = part(['input_text', 'input_image']);

/** A call never loses its output: what cannot be sent on as it is becomes a text. */
function withOutput(item: JsonRecord): JsonRecord {
  const { type, output } = item;
  const isFunction = type === 'function_call_output';
  if ((!isFunction && type !== 'custom_tool_call_output') || isString(output)) return item;
  if (!Array.isArray(output)) return { ...item, output: JSON.stringify(output ?? null) };
  if (isFunction && output.every(isPart)) return item;
  const parts = output.map((each) =>
    isPart(each) ? (each as JsonRecord) : { type: 'input_text', text: UNKNOWN_PART },
  );
  if (isFunction) return { ...item, output: parts };
  return { ...item, output: parts.map(({ text }) => (isString(text) ? text : IMAGE_PART)).join('\n') };
}

const isMessagePart = part(['input_text', 'input_image', 'output_text']);

/** Nor does a message lose what else it says. */
function withContent(item: JsonRecord): JsonRecord {
  const { role, content } = item;
  const type = role === 'assistant' ? 'output_text' : 'input_text';
  if (isString(content)) return { ...item, content: [{ type, text: content }] };
  if (!Array.isArray(content) || content.every(isMessagePart)) return item;
  return { ...item, content: content.map((each) => (isMessagePart(each) ? each : { type, text: UNKNOWN_PART })) };
}
