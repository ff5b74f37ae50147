/** `prefix_rule(…)`: the one function that rules files have for themselves. */
import { splitWords } from '../commands/actions.ts';
import { ExecPolicy, type PrefixRule, type RuleDecision } from './policy.ts';
import { takeArguments } from './starlark/calls.ts';
import { Fault } from './starlark/fault.ts';
import { runStarlark } from './starlark/run.ts';
import { Callable, List, typeOf, type Value } from './starlark/values.ts';

const DECISIONS: readonly RuleDecision[] = ['allow', 'prompt', 'forbidden'];

/** The rules of a source text, in the order they were made. Throws StarlarkError. */
export function parseRules(source: string): PrefixRule[] {
  const rules: PrefixRule[] = [];
  const signature = {
    name: 'prefix_rule',
    params: ['pattern', 'decision', 'match', 'not_match', 'justification'],
    required: 1,
  };
  const prefixRule = new Callable(signature.name, (args, machine) => {
    const [pattern, decision, match, notMatch, justification] = takeArguments(signature, args);
    const rule: PrefixRule = {
      pattern: readList('pattern', pattern).map(readPosition),
      decision: readDecision(decision),
      justification: readJustification(justification),
    };
    if (rule.pattern.length === 0) throw new Fault('invalid pattern element: pattern cannot be empty');
    machine.spend(rule.pattern.length);
    checkExamples(rule, readList('match', match).map(readExample), readList('not_match', notMatch).map(readExample));
    rules.push(rule);
    return null;
  });
  runStarlark(source, [prefixRule]);
  return rules;
}

/** An argument left out is an empty list. */
function readList(name: string, value: Value | undefined): readonly Value[] {
  if (value === undefined) return [];
  if (value instanceof List) return value.items;
  throw new Fault(`\`${name}\` must be a list, not a ${typeOf(value)}`);
}

function readPosition(value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  if (!(value instanceof List)) throw new Fault(`invalid pattern element: a ${typeOf(value)}, not a string or a list`);
  if (value.items.length === 0) throw new Fault('invalid pattern element: pattern alternatives cannot be empty');
  return value.items.map((item) => readString('pattern', item));
}

function readString(name: string, value: Value): string {
  if (typeof value === 'string') return value;
  throw new Fault(`\`${name}\` holds a ${typeOf(value)} where a string belongs`);
}

function readDecision(value: Value | undefined): RuleDecision {
  if (value === undefined) return 'allow';
  const word = readString('decision', value);
  const decision = DECISIONS.find((known) => known === word);
  if (decision === undefined) throw new Fault(`invalid decision: ${word}`);
  return decision;
}

function readJustification(value: Value | undefined): string | null {
  if (value === undefined) return null;
  const text = readString('justification', value);
  if (text.trim() === '') throw new Fault('invalid rule: justification cannot be empty');
  return text;
}

/** A command as a line of shell or as its words. */
function readExample(value: Value): readonly string[] {
  const words =
    value instanceof List
      ? value.items.map((item) => readString('example', item))
      : splitWords(readString('example', value));
  if (words === null) throw new Fault('invalid example: example string has invalid shell syntax');
  if (words.length === 0) throw new Fault('invalid example: it has no words');
  return words;
}

function checkExamples(
  rule: PrefixRule,
  fitting: readonly (readonly string[])[],
  unfitting: readonly (readonly string[])[],
): void {
  const policy = new ExecPolicy([rule]);
  const fits = (command: readonly string[]): boolean => policy.matches(command).length > 0;
  const missed = fitting.find((command) => !fits(command));
  if (missed !== undefined) throw new Fault(`the rule does not match its \`match\` example: ${missed.join(' ')}`);
  const caught = unfitting.find(fits);
  if (caught !== undefined) throw new Fault(`the rule matches its \`not_match\` example: ${caught.join(' ')}`);
}
