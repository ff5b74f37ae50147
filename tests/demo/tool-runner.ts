/** Carries out the calls of a model in a folder, and answers them in the formats of the real tools. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerTo } from '../../src/demo/model/plan.ts';
import type { Call } from '../../src/demo/model/tools.ts';
import { interceptPatch } from '../../src/patch/intercept.ts';
import { runApplyPatch } from '../../src/patch/program.ts';
import type { Json } from '../support/model-events.ts';

const fn = (name: string): Json => ({ type: 'function', name, parameters: {} });

/** Every way in which commands and patches can be on offer. */
export const DIALECTS: Readonly<Record<string, readonly Json[]>> = {
  'shell with a custom patch tool': [fn('shell'), fn('update_plan'), { type: 'custom', name: 'apply_patch' }],
  'shell with a patch function': [fn('shell'), fn('update_plan'), fn('apply_patch')],
  'shell alone': [fn('shell'), fn('update_plan')],
  'shell_command with a custom patch tool': [
    fn('shell_command'),
    fn('update_plan'),
    { type: 'custom', name: 'apply_patch' },
  ],
  'shell_command alone': [fn('shell_command'), fn('update_plan')],
  'exec_command alone': [fn('exec_command'), fn('write_stdin'), fn('update_plan')],
  'local_shell alone': [{ type: 'local_shell' }, fn('update_plan')],
};

export const userMessage = (text: string): Json => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text }],
});
export const assistantMessage = (text: string): Json => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text }],
});

export interface ToolAnswer {
  readonly exitCode: number;
  readonly text: string;
}

const MAX_CALLS = 60;

export class ToolRunner implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'shardex-model-'));
  readonly history: Json[] = [
    userMessage('<environment_context>\n  <cwd>/x</cwd>\n  <shell>bash</shell>\n</environment_context>'),
  ];
  readonly calls: Call[] = [];
  readonly #tools: readonly Json[];

  constructor(tools: readonly Json[]) {
    this.#tools = tools;
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** Asks, runs what the model wants until it has nothing more to do, and gives its closing words. */
  async ask(prompt: string): Promise<string> {
    this.history.push(userMessage(prompt));
    for (let turn = 0; turn < MAX_CALLS; turn += 1) {
      const answer = answerTo({ input: this.history, tools: this.#tools });
      if (answer.words !== '') this.history.push(assistantMessage(answer.words));
      if (answer.kind === 'words') return answer.words;
      this.calls.push(answer.call);
      const callId = `call-${this.history.length}`;
      this.history.push({ ...answer.call, call_id: callId });
      const type = answer.call.type === 'custom_tool_call' ? 'custom_tool_call_output' : 'function_call_output';
      this.history.push({ type, call_id: callId, output: await this.#run(answer.call) });
    }
    throw new Error('the model never came to an end');
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #run(call: Call): Promise<string> {
    if (call.type === 'custom_tool_call') return asJson(await this.#patch(call.input));
    if (call.type === 'local_shell_call') return asJson(await this.#command(call.action.command));
    const args = JSON.parse(call.arguments) as { command: string & string[]; cmd: string; input: string };
    switch (call.name) {
      case 'apply_patch':
        return asJson(await this.#patch(args.input));
      case 'update_plan':
        return 'Plan updated';
      case 'shell':
        return asJson(await this.#command(args.command));
      case 'shell_command':
        return asText(await this.#command(['bash', '-lc', args.command]));
      case 'exec_command':
        return asChunk(await this.#command(['bash', '-lc', args.cmd]));
      default:
        return `unsupported call: ${call.name}`;
    }
  }

  async #command(argv: readonly string[]): Promise<ToolAnswer> {
    const patch = interceptPatch(argv);
    if (patch.kind === 'patch') return this.#patch(patch.text);
    // A login shell would run the profile of whoever runs the tests.
    const args = argv.slice(1).map((arg) => (arg === '-lc' ? '-c' : arg));
    const done = spawnSync(argv[0] ?? '', args, { cwd: this.folder, encoding: 'utf8' });
    return { exitCode: done.status ?? -1, text: done.stdout + done.stderr };
  }

  async #patch(text: string): Promise<ToolAnswer> {
    const { exitCode, stdout, stderr } = await runApplyPatch({
      args: [text],
      cwd: this.folder,
      readStdin: async () => Buffer.alloc(0),
    });
    return { exitCode, text: stdout + stderr };
  }
}

export const asJson = ({ exitCode, text }: ToolAnswer): string =>
  JSON.stringify({ output: text, metadata: { exit_code: exitCode, duration_seconds: 0.1 } });
export const asText = ({ exitCode, text }: ToolAnswer): string =>
  `Exit code: ${exitCode}\nWall time: 0.1 seconds\nOutput:\n${text}`;
export const asChunk = ({ exitCode, text }: ToolAnswer): string =>
  `Chunk ID: abc123\nWall time: 0.1000 seconds\nProcess exited with code ${exitCode}\nOriginal token count: 1\nOutput:\n${text}`;
