/** Reads the history of a request. In: `input` items. Out: what is asked now, and what was done about it so far. */
import { isRecord, type JsonRecord } from '../../base/json/schema.ts';

/** One finished or unfinished call since the prompt. */
export interface PastCall {
  readonly callId: string;
  /** Null while there is no output. */
  readonly output: string | null;
}

export interface Situation {
  /** Prompts that no answer followed yet, oldest first: input may be added while a turn runs. */
  readonly prompts: readonly string[];
  readonly calls: readonly PastCall[];
  /** The shell that the environment message names. */
  readonly shell: string;
  /** Every prompt and answer so far, for a summary. */
  readonly transcript: readonly string[];
}

/** Messages in the user's role that no user wrote. */
const CONTEXT =
  /^\s*(<environment_context>|<user_instructions>|<skill|<user_action>|# AGENTS\.md instructions for |Warning: )/i;
const ABORTED = /^\s*<turn_aborted>/i;

export function situationOf(input: readonly unknown[]): Situation {
  const items = input.filter(isRecord);
  let prompts: string[] = [];
  let calls: { callId: string; output: string | null }[] = [];
  let shell = 'bash';
  const transcript: string[] = [];
  const begin = (): void => {
    prompts = [];
    calls = [];
  };
  for (const [index, item] of items.entries()) {
    const text = messageText(item);
    if (item.type === 'message' && item.role === 'user') {
      shell = /<shell>(\w+)<\/shell>/.exec(text)?.[1] ?? shell;
      if (ABORTED.test(text)) begin();
      else if (text !== '' && !CONTEXT.test(text)) {
        prompts.push(text);
        transcript.push(`User: ${text}`);
      }
    } else if (item.type === 'message' && item.role === 'assistant') {
      transcript.push(`Answer: ${text}`);
      if (!isCall(items[index + 1])) begin(); // words in front of a call are not yet the answer
    } else if (isCall(item) && typeof item.call_id === 'string') {
      calls.push({ callId: item.call_id, output: null });
    } else if (typeof item.call_id === 'string') {
      const call = calls.find(({ callId }) => callId === item.call_id);
      if (call !== undefined) call.output = outputText(item.output);
    }
  }
  return { prompts, calls, shell, transcript };
}

const CALLS = new Set(['function_call', 'custom_tool_call', 'local_shell_call']);
const isCall = (item: JsonRecord | undefined): boolean => typeof item?.type === 'string' && CALLS.has(item.type);

function messageText({ content }: JsonRecord): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: unknown) => (isRecord(part) && typeof part.text === 'string' ? part.text : '')).join('');
}

function outputText(output: unknown): string {
  if (typeof output === 'string') return output;
  return Array.isArray(output) ? messageText({ content: output }) : '';
}
