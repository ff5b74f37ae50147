/**
 * Decides what the embedded model answers. In: a request body. Out: the next call, or the closing words. Keeps nothing:
 * it walks through the steps of the prompt, takes the outputs that the history holds, and goes on behind the last one.
 */
import { isRecord } from '../../base/json/schema.ts';
import { GRAMMAR, parsePrompt, type Step } from './grammar.ts';
import { type PastCall, type Situation, situationOf } from './history.ts';
import { outcomeOf, type ToolOutcome } from './outcome.ts';
import { additionPatch, creation, deletion, replacement } from './patch-text.ts';
import { type Call, commandCall, patchCall, planCall, showScript, type Toolbox, toolboxOf, waitCall } from './tools.ts';

export type Answer =
  | { readonly kind: 'call'; readonly words: string; readonly call: Call; readonly number: number }
  | { readonly kind: 'words'; readonly words: string };

/** How a step ended, or the call that it needs next. */
type Progress =
  | { readonly done: true; readonly ok: boolean; readonly report: string }
  | { readonly done: false; readonly call: Call; readonly words: string };

interface Walk {
  readonly toolbox: Toolbox;
  readonly shell: string;
  /** Takes the next call of the history; undefined when the step has to make it. */
  readonly next: () => PastCall | undefined;
}

export function answerTo(body: unknown): Answer {
  const request = isRecord(body) ? body : {};
  const input = Array.isArray(request.input) ? request.input : [];
  const toolbox = toolboxOf(Array.isArray(request.tools) ? request.tools : []);
  const situation = situationOf(input);
  if (situation.prompts.length === 0) return words(help('There is no prompt to answer'));
  return walk(situation, toolbox);
}

const words = (text: string): Answer => ({ kind: 'words', words: text });
const help = (problem: string): string => `${problem}. This is what I can do:\n\n${GRAMMAR}`;
/** Asked without tools and outside of the grammar: to sum up what was said. */
const summary = ({ transcript }: Situation): string =>
  `What was said so far:\n${transcript.slice(0, -1).slice(-20).join('\n') || 'nothing'}`;

function walk(situation: Situation, toolbox: Toolbox): Answer {
  const left = [...situation.calls];
  const at: Walk = { toolbox, shell: situation.shell, next: () => left.shift() };
  const reports: string[] = [];
  for (const prompt of situation.prompts) {
    const parsed = parsePrompt(prompt);
    if (!parsed.ok) {
      reports.push(toolbox.isEmpty ? summary(situation) : help(parsed.problem));
      continue;
    }
    for (const [index, step] of parsed.steps.entries()) {
      const progress = advance(step, at);
      const number = situation.calls.length + 1;
      if (!progress.done) return { kind: 'call', words: progress.words, call: progress.call, number };
      reports.push(progress.report);
      if (progress.ok) continue;
      const rest = parsed.steps.length - index - 1;
      if (rest > 0) reports.push(`I stopped there; ${rest === 1 ? 'one step was' : `${rest} steps were`} not done.`);
      break;
    }
  }
  return words(reports.join('\n\n'));
}

function advance(step: Step, at: Walk): Progress {
  switch (step.kind) {
    case 'say':
      return { done: true, ok: true, report: step.text };
    case 'run':
      return command(
        at,
        step.command,
        `Running \`${step.command}\`.`,
        (text) => `I ran \`${step.command}\`${shown(text, ', it printed')}`,
      );
    case 'show':
      return command(
        at,
        showScript(at.shell, step.file),
        `Reading ${step.file}.`,
        (text) => `${step.file} holds${shown(text, '')}`,
      );
    case 'create':
      return patch(at, creation(step.file, step.text), `Writing ${step.file}.`, `I wrote ${step.file}.`);
    case 'append':
      return patch(at, additionPatch(step.file, step.text), `Adding to ${step.file}.`, `I added to ${step.file}.`);
    case 'delete':
      return patch(at, deletion(step.file), `Deleting ${step.file}.`, `I deleted ${step.file}.`);
    case 'replace':
      return replace(at, step);
    case 'plan':
      return plan(at, step.steps);
  }
}

const failed = (report: string): Progress => ({ done: true, ok: false, report });

/** Makes the call unless the history has it, and waits for commands that went to the background. */
function outcome(
  at: Walk,
  call: Call | null,
  words: string,
): { readonly progress: Progress } | { readonly outcome: ToolOutcome } {
  if (call === null) return { progress: failed(`${words.replace(/\.$/, '')}: no tool is offered that could do this.`) };
  const past = at.next();
  if (past === undefined) return { progress: { done: false, call, words } };
  let found = outcomeOf(past.output ?? 'no output');
  let text = found.text;
  while (found.kind === 'running') {
    const poll = at.next();
    if (poll === undefined) return { progress: { done: false, call: waitCall(found.sessionId), words: '' } };
    found = outcomeOf(poll.output ?? 'no output');
    text += found.text;
  }
  return { outcome: { ...found, text } };
}

function command(at: Walk, script: string, words: string, report: (text: string) => string): Progress {
  const found = outcome(at, commandCall(at.toolbox, at.shell, script), words);
  if ('progress' in found) return found.progress;
  const { outcome: ended } = found;
  if (ended.kind !== 'finished') return failed(`\`${script}\` was not run${shown(ended.text, ':')}`);
  if (ended.exitCode === 0) return { done: true, ok: true, report: report(ended.text) };
  return failed(`\`${script}\` failed with exit code ${ended.exitCode}${shown(ended.text, ', it printed')}`);
}

function patch(at: Walk, text: string, words: string, report: string): Progress {
  const found = outcome(at, patchCall(at.toolbox, at.shell, text), words);
  if ('progress' in found) return found.progress;
  const { outcome: ended } = found;
  if (ended.kind === 'finished' && ended.exitCode === 0) return { done: true, ok: true, report };
  const code = ended.kind === 'finished' ? ` (exit code ${ended.exitCode})` : '';
  return failed(`The edit was not made${code}${shown(ended.text, ':')}`);
}

function plan(at: Walk, steps: readonly string[]): Progress {
  const found = outcome(at, at.toolbox.plan ? planCall(steps) : null, 'Noting the plan.');
  if ('progress' in found) return found.progress;
  const { text } = found.outcome;
  if (text.trim() !== 'Plan updated') return failed(`The plan was not noted${shown(text, ':')}`);
  return { done: true, ok: true, report: `I noted a plan: ${steps.join('; ')}.` };
}

/** Where a tool left out the middle of a long text. */
const CUT = /…\d+ (chars|tokens) truncated…/;

function replace(at: Walk, { from, to, file }: Step & { kind: 'replace' }): Progress {
  const found = outcome(at, commandCall(at.toolbox, at.shell, showScript(at.shell, file)), `Reading ${file}.`);
  if ('progress' in found) return found.progress;
  const { outcome: read } = found;
  if (read.kind !== 'finished' || read.exitCode !== 0)
    return failed(`${file} could not be read${shown(read.text, ':')}`);
  if (CUT.test(read.text)) return failed(`${file} is too long to be edited by me.`);
  const text = replacement(file, read.text, from, to);
  if (text === null) return failed(`"${from}" does not occur in ${file}.`);
  return patch(at, text, `Editing ${file}.`, `I replaced "${from}" with "${to}" in ${file}.`);
}

const MAX_SHOWN_LENGTH = 2000;

/** A text as part of a report, introduced by `lead`; one line stands in the sentence, more in a block. */
function shown(text: string, lead: string): string {
  const trimmed = text.trimEnd();
  if (trimmed === '') return lead === ':' ? '.' : `${lead} nothing.`;
  const rest = trimmed.length - MAX_SHOWN_LENGTH;
  const cut = rest > 0 ? `${trimmed.slice(0, MAX_SHOWN_LENGTH)}\n… ${rest} more characters` : trimmed;
  return `${lead}\n\n\`\`\`\n${cut}\n\`\`\``;
}
