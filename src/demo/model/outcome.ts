/** Reads what a tool answered. In: the output text. Out: whether it worked, its exit code, and the text itself. */
import { jsonIn } from '../../base/json/parse.ts';
import { isRecord, readOrNull, record } from '../../base/json/schema.ts';

export type ToolOutcome =
  | { readonly kind: 'finished'; readonly exitCode: number; readonly text: string }
  /** A command that goes on in the background. */
  | { readonly kind: 'running'; readonly sessionId: number; readonly text: string }
  /** Answered without an exit code: small tools that succeed, and everything that was refused. */
  | { readonly kind: 'answered'; readonly text: string };

export function outcomeOf(output: string): ToolOutcome {
  const json = readOrNull(record, jsonIn(output));
  const metadata = json?.metadata;
  if (json !== null && typeof json.output === 'string' && isRecord(metadata)) {
    const { exit_code: exitCode } = metadata;
    if (typeof exitCode === 'number') return { kind: 'finished', exitCode, text: json.output };
  }
  const head = /^([\s\S]*?)(?:^|\n)Output:\n?/.exec(output);
  if (head !== null) {
    const text = output.slice(head[0].length);
    const exit = /^(?:Exit code:|Process exited with code) (-?\d+)$/m.exec(head[1] ?? '');
    if (exit !== null) return { kind: 'finished', exitCode: Number(exit[1]), text };
    const session = /^Process running with session ID (\d+)$/m.exec(head[1] ?? '');
    if (session !== null) return { kind: 'running', sessionId: Number(session[1]), text };
  }
  // A long result is cut in the middle of its JSON; how it ended still stands at its end.
  const cut = /^\{"output":"([\s\S]*)"metadata":\{"exit_code":(-?\d+)/.exec(output);
  if (cut !== null) return { kind: 'finished', exitCode: Number(cut[2]), text: cut[1] ?? '' };
  return { kind: 'answered', text: output };
}
