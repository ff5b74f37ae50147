/** `prefix_rule(…)`: the one function that rules files have for themselves. */
import { splitWords } from '../command-analysis/actions.ts';
import { ExecPolicy, type PrefixRule, type RuleDecision } from './policy.ts';
import { takeArguments } from './starlark/calls.ts';
import { textCost } from './starlark/compare.ts';
import { Fault } from './starlark/fault.ts';
import { runStarlark, type WorkBudget } from './starlark/run.ts';
import { Callable, List, type Machine, typeNameOf, type Value } from './starlark/values.ts';

const DECISIONS: readonly RuleDecision[] = ['allow', 'prompt', 'forbidden'];

/** The rules of a source text, in the order they were made; its cost goes to `budget`. Throws StarlarkError. */
export function parseRules(source: string, budget?: WorkBudget): PrefixRule[] {
  const rules: PrefixRule[] = [];
  const signature = {
    name: 'prefix_rule',
    params: ['pattern', 'decision', 'match', 'not_match', 'justification'],
    required: 1,
  };
  const prefixRule = new Callable(signature.name, (args, machine) => {
    const [pattern, decision, match, notMatch, justification] = takeArguments(signature, args);
    const rule: PrefixRule = {
      pattern: readList('pattern', pattern).map((position) => readPosition(position, machine)),
      decision: readDecision(decision),
      justification: readJustification(justification, machine),
    };
    if (rule.pattern.length === 0) throw new Fault('invalid pattern element: pattern cannot be empty');
    machine.spend(rule.pattern.length);
    const examples = (name: string, value: Value | undefined): (readonly string[])[] =>
      readList(name, value).map((example) => readExample(example, machine));
    checkExamples(rule, { fitting: examples('match', match), unfitting: examples('not_match', notMatch) }, machine);
    rules.push(rule);
    return null;
  });
  runStarlark(source, [prefixRule], budget);
  return rules;
}

/** An argument left out is an empty list. */
function readList(name: string, value: Value | undefined): readonly Value[] {
  if (value === undefined) return [];
  if (value instanceof List) return value.items;
  throw new Fault(`\`${name}\` must be a list, not a ${typeNameOf(value)}`);
}

/** A list may be named many times: what is kept of it is paid for each time. */
function readPosition(value: Value, machine: Machine): readonly string[] {
  if (typeof value === 'string') return [value];
  if (!(value instanceof List))
    throw new Fault(`invalid pattern element: a ${typeNameOf(value)}, not a string or a list`);
  if (value.items.length === 0) throw new Fault('invalid pattern element: pattern alternatives cannot be empty');
  machine.spend(value.items.length);
  return value.items.map((item) => readString('pattern', item));
}

function readString(name: string, value: Value): string {
  if (typeof value === 'string') return value;
  throw new Fault(`\`${name}\` holds a ${typeNameOf(value)} where a string belongs`);
}

function readDecision(value: Value | undefined): RuleDecision {
  if (value === undefined) return 'allow';
  const word = readString('decision', value);
  const decision = DECISIONS.find((known) => known === word);
  if (decision === undefined) throw new Fault(`invalid decision: ${word}`);
  return decision;
}

function readJustification(value: Value | undefined, machine: Machine): string | null {
  if (value === undefined) return null;
  const text = readString('justification', value);
  machine.spend(textCost(text.length));
  if (text.trim() === '') throw new Fault('invalid rule: justification cannot be empty');
  return text;
}

/** A command as a line of shell or as its words. */
function readExample(value: Value, machine: Machine): readonly string[] {
  if (typeof value === 'string') machine.spend(value.length);
  if (value instanceof List) machine.spend(value.items.length);
  const words =
    value instanceof List
      ? value.items.map((item) => readString('example', item))
      : splitWords(readString('example', value));
  if (words === null) throw new Fault('invalid example: example string has invalid shell syntax');
  if (words.length === 0) throw new Fault('invalid example: it has no words');
  return words;
}

interface Examples {
  readonly fitting: readonly (readonly string[])[];
  readonly unfitting: readonly (readonly string[])[];
}

function checkExamples(rule: PrefixRule, { fitting, unfitting }: Examples, machine: Machine): void {
  const alternativeCount = rule.pattern.reduce((count, words) => count + words.length, 0);
  machine.spend((fitting.length + unfitting.length) * alternativeCount);
  const policy = new ExecPolicy([rule]);
  const fits = (command: readonly string[]): boolean => policy.matches(command).length > 0;
  const missed = fitting.find((command) => !fits(command));
  if (missed !== undefined) throw new Fault(`the rule does not match its \`match\` example: ${missed.join(' ')}`);
  const caught = unfitting.find(fits);
  if (caught !== undefined) throw new Fault(`the rule matches its \`not_match\` example: ${caught.join(' ')}`);
}
