/** Methods of dicts, and `dict(…)`. They throw Fault. */
import { takeArguments } from './calls.ts';
import { keyOf } from './compare.ts';
import { Fault } from './fault.ts';
import { type CallArguments, Dict, type DictEntry, iterate, List, type Machine, Tuple, type Value } from './values.ts';

type Method = (dict: Dict, args: CallArguments, machine: Machine) => Value;
type Body = (dict: Dict, values: readonly (Value | undefined)[], machine: Machine) => Value;

const method = (name: string, params: readonly string[], required: number, body: Body): [string, Method] => [
  name,
  (dict, args, machine) => body(dict, takeArguments({ name, params, required }, args), machine),
];

function listing(dict: Dict, machine: Machine, pick: (entry: DictEntry) => Value): List {
  machine.spend(dict.entries.size);
  return new List([...dict.entries.values()].map(pick));
}

/** Pairs out of a dict or out of something that iterates over pairs, and then the named arguments. */
function* pairsOf(name: string, args: CallArguments, machine: Machine): Generator<readonly [Value, Value], void> {
  const [source] = takeArguments({ name, params: ['pairs'], required: 0 }, { ...args, named: new Map() });
  if (source instanceof Dict) {
    for (const { key, value } of source.entries.values()) yield [key, value];
  } else if (source !== undefined) {
    for (const item of iterate(source, machine)) {
      const [key, value, ...more] = item instanceof List || item instanceof Tuple ? item.items : [];
      if (key === undefined || value === undefined || more.length > 0) throw new Fault('expected pairs');
      yield [key, value];
    }
  }
  yield* args.named;
}

function store(entries: Map<string, DictEntry>, key: Value, value: Value, machine: Machine): void {
  entries.set(keyOf(key, machine), { key, value });
}

export function dictOf(args: CallArguments, machine: Machine): Dict {
  const entries = new Map<string, DictEntry>();
  for (const [key, value] of pairsOf('dict', args, machine)) store(entries, key, value, machine);
  return new Dict(entries);
}

export const DICT_METHODS: ReadonlyMap<string, Method> = new Map([
  method('clear', [], 0, (dict) => {
    dict.edit().clear();
    return null;
  }),
  method('get', ['key', 'default'], 1, (dict, [key = null, otherwise = null], machine) => {
    const entry = dict.entries.get(keyOf(key, machine));
    return entry === undefined ? otherwise : entry.value;
  }),
  method('items', [], 0, (dict, _, machine) => listing(dict, machine, ({ key, value }) => new Tuple([key, value]))),
  method('keys', [], 0, (dict, _, machine) => listing(dict, machine, ({ key }) => key)),
  method('pop', ['key', 'default'], 1, (dict, [key = null, otherwise], machine) => {
    const text = keyOf(key, machine);
    const entry = dict.entries.get(text);
    if (entry === undefined && otherwise === undefined) throw new Fault('the dict does not hold this key');
    dict.edit().delete(text);
    return entry === undefined ? (otherwise ?? null) : entry.value;
  }),
  method('popitem', [], 0, (dict) => {
    const [first] = dict.entries;
    if (first === undefined) throw new Fault('the dict is empty');
    dict.edit().delete(first[0]);
    return new Tuple([first[1].key, first[1].value]);
  }),
  method('setdefault', ['key', 'default'], 1, (dict, [key = null, value = null], machine) => {
    const text = keyOf(key, machine);
    const entry = dict.entries.get(text);
    if (entry !== undefined) return entry.value;
    dict.edit().set(text, { key, value });
    return value;
  }),
  [
    'update',
    (dict, args, machine) => {
      const pairs = [...pairsOf('update', args, machine)];
      const entries = dict.edit();
      for (const [key, value] of pairs) store(entries, key, value, machine);
      return null;
    },
  ],
  method('values', [], 0, (dict, _, machine) => listing(dict, machine, ({ value }) => value)),
]);
