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
  message: (item) => isString(item.role) && allParts(item.content, ['input_text', 'input_image', 'output_text']),
  reasoning: (item) =>
    allParts(item.summary, ['summary_text']) &&
    absentOr(item.content, (value) => allParts(value, ['reasoning_text', 'text'])) &&
    absentOr(item.encrypted_content, isString),
  local_shell_call: (item) => isString(item.status) && isRecord(item.action) && isExec(item.action),
  function_call: (item) => isString(item.name) && isString(item.arguments) && isString(item.call_id),
  function_call_output: (item) =>
    isString(item.call_id) && (isString(item.output) || allParts(item.output, ['input_text', 'input_image'])),
  custom_tool_call: (item) => isString(item.call_id) && isString(item.name) && isString(item.input),
  custom_tool_call_output: (item) => isString(item.call_id) && isString(item.output),
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
  return (type === value.type ? value : { ...value, type }) as unknown as ResponseItem;
}
