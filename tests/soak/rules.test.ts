/**
 * A million sources of rules: each gives rules or a fault, in time, and nothing else.
 *
 *   SEED=1 npm run soak
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRules } from '../../src/execpolicy/prefix-rule.ts';
import { StarlarkError } from '../../src/execpolicy/starlark/fault.ts';
import { Random, seedOf } from '../support/random.ts';

const SOURCES = 1_000_000;
/** For one of them, on a machine that does other things as well. */
const LIMIT_MS = 10_000;

const RULES = [
  'prefix_rule(["a"])',
  'prefix_rule(["a", ["b", "c"]], "prompt")',
  'prefix_rule(p, decision="forbidden", match=["a b"], not_match=[["c"]], justification="x")',
  'prefix_rule(pattern=x)',
  'prefix_rule(p)',
];

const LINES = [
  'x = [1, "a", (2,)]',
  'x = x + x',
  'x *= 2',
  'x = {1: x, "a": [x]}',
  'p = ["a"] * 3',
  'for i in range(4):',
  'for a, b in {"a": 1}.items():',
  'if x:',
  'elif not x:',
  'else:',
  'def f(a, *b, c=1, **d):',
  'return f(x)',
  'y = [str(i) for i in range(9) if i % 2]',
  'y = f("a", *p, **{"b": x})',
  'y = "%s and %d" % (x, 1)',
  'y = f"{x!r}{x}"',
  'y = "{}{a}".format(x, a=p)',
  'y = sorted(p, key=lambda v: -len(v), reverse=True)',
  'y = x[1:-1:2]',
  'x.append(x)',
  'break',
  'pass',
  'print(x, y)',
  'x = """a\nb"""',
  'x = 1 << 30 // 3',
  'x = 1 if y else (2, 3)',
];

const NOISE = [
  ...'()[]{}:,.=+-*/%<>!"\'\\#;\n \t|&^~@$`?0a_é\0\u2028',
  '😀',
  '\ud800',
  '"""',
  '**',
  '//',
  'lambda',
  'in',
  'not',
];

/** A few lines, indented as they should be for the most part, and every other time something out of place. */
function source(random: Random): string {
  let text = 'x = [1]\np = ["a"]\ny = "t"\ndef f(*a, **k):\n return a\n';
  let depth = 0;
  for (let count = random.below(8); count >= 0; count -= 1) {
    const line = random.below(3) === 0 ? random.pick(RULES) : random.pick(LINES);
    text += `${' '.repeat(depth)}${line}\n`;
    if (line.endsWith(':')) {
      depth += 1;
      text += `${' '.repeat(depth)}${random.pick(RULES)}\n`;
    } else if (random.below(2) === 0) depth = random.below(depth + 1);
  }
  for (let count = random.below(2) * random.below(4); count > 0; count -= 1) {
    const at = random.below(text.length + 1);
    text = text.slice(0, at) + random.pick(NOISE).repeat(1 + random.below(3)) + text.slice(at + random.below(4));
  }
  return text;
}

test('a million sources of rules give rules or faults, in time', (context) => {
  const random = new Random(seedOf(context));
  let [parsed, faults, longestMs] = [0, 0, 0];
  for (let count = 0; count < SOURCES; count += 1) {
    const text = source(random);
    const startedAtMs = performance.now();
    try {
      parseRules(text);
      parsed += 1;
    } catch (error) {
      assert.ok(error instanceof StarlarkError, `${JSON.stringify(text)}: ${String(error)}`);
      faults += 1;
    }
    longestMs = Math.max(longestMs, performance.now() - startedAtMs);
    assert.ok(longestMs < LIMIT_MS, `${JSON.stringify(text)} took ${longestMs} ms`);
  }
  const longest = Math.round(longestMs);
  process.stderr.write(`${context.name}: ${parsed} rules, ${faults} faults, the longest ${longest} ms\n`);
  assert.ok(parsed > SOURCES / 20 && faults > SOURCES / 20);
});
