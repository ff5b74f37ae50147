/**
 * Readers of foreign bytes, fed at random. In: how many inputs, a seed. Out: what it took. Each input is read whole; a reader may
 * refuse, and never throws. Now and then an input is made long, which must take no longer than its length allows.
 */
import assert from 'node:assert/strict';
import { readEnvText } from '../../src/base/dotenv.ts';
import { readToml } from '../../src/config/toml.ts';
import { applyChunks } from '../../src/patch/match.ts';
import { parsePatch } from '../../src/patch/parse.ts';
import { FolderRules } from '../../src/search/ignore.ts';
import { ChatDecoder } from '../../src/upstream/chat-stream.ts';
import { SseDecoder } from '../../src/upstream/sse.ts';
import { calls, completed, created, itemAdded, messageItem, reasoningItem, says, shell } from './model-events.ts';
import { within } from './processor-time.ts';
import type { Random } from './random.ts';

export interface Reader {
  /** Pieces that mean something to it; noise comes between them. */
  readonly fragments: readonly string[];
  /** Throws when something is wrong. */
  readonly read: (text: string, random: Random) => void;
}

/** Numbers of every kind, where events have them. */
const INDEXES = ['0', '1', '7', '4294967294', '9007199254740991', '-1', '1e308', '0.5', '"1"', 'null', '[[]]'];

const EVENTS = [
  ...[created(), itemAdded(messageItem('m', null)), itemAdded(reasoningItem('r', [])), completed('r', { input: 3 })],
  ...[...says('Grüße 👋'), ...calls(shell('c', ['ls']))],
].map((event) => `data: ${JSON.stringify(event)}\n\n`);

const DELTAS = [
  'output_text.delta',
  'reasoning_text.delta',
  'reasoning_summary_text.delta',
  'content_part.done',
].flatMap((name) =>
  INDEXES.map(
    (index) =>
      `data: {"type":"response.${name}","item_id":"m","content_index":${index},"summary_index":${index},"delta":"d","part":{"text":"p"}}\n\n`,
  ),
);

const CHUNKS = [
  '{"content":"w"}',
  '{"reasoning":"t"}',
  '{"tool_calls":[{"index":0,"id":"c","function":{"name":"n","arguments":"{"}}]}',
  '{}',
  'null',
].map((delta) => `data: {"choices":[{"delta":${delta},"finish_reason":null}]}\n\n`);

/** Fed whole and cut in two: the outcome is the same, and so is what it means that it ends. */
function stream(make: () => SseDecoder | ChatDecoder, text: string, random: Random): void {
  const bytes = Buffer.from(text);
  const [whole, cut] = [make(), make()];
  const at = random.below(bytes.length + 1);
  whole.feed(bytes);
  cut.feed(bytes.subarray(0, at));
  cut.feed(bytes.subarray(at));
  assert.deepEqual([cut.events.length, cut.completed, cut.said], [whole.events.length, whole.completed, whole.said]);
  assert.equal(cut.ended('end', null)?.message, whole.ended('end', null)?.message);
  for (const event of whole.events) assert.equal(typeof event.kind, 'string');
}

export const PATCH_PIECES = [
  '*** Begin Patch\n',
  '*** End Patch',
  '*** Add File: a\n',
  '*** Update File: b\n',
  '*** Delete File: c\n',
  '*** Move to: d\n',
  '@@ x\n',
  '@@\n',
  ' same\n',
  '-old\n',
  '+new\n',
  '*** End of File\n',
  '<<EOF\n',
  '\r\n',
  '\n',
];

export const TOML_PIECES = [
  'a',
  ' = ',
  '1',
  '"s"',
  "'''",
  '"""',
  '[t]\n',
  '[[t]]\n',
  't.a',
  '{',
  '}',
  '[',
  ']',
  ',',
  '\n',
  '# c\n',
  '1979-05-27T07:32:00Z',
  'inf',
  '0x1',
  '9223372036854775808',
  '1e999',
  '__proto__',
  '\\u00e9',
  '\\UFFFFFFFF',
];

export const READERS: Readonly<Record<string, Reader>> = {
  'the stream of a Responses API': {
    fragments: [
      ...EVENTS,
      ...DELTAS,
      ...CHUNKS,
      'data:',
      'event: error\n',
      ': ping\n\n',
      '\r',
      '\n\n',
      'data: {"error":"x"}\n\n',
      'data: [DONE]\n\n',
    ],
    read: (text, random) => stream(() => new SseDecoder(), text, random),
  },
  'the stream of Chat Completions': {
    fragments: [
      ...CHUNKS,
      ...EVENTS.slice(0, 2),
      'data: [DONE]\n\n',
      'data: {"usage":{"prompt_tokens":1e308}}\n\n',
      '\r\n',
      'data:',
    ],
    read: (text, random) => stream(() => new ChatDecoder(), text, random),
  },
  'a patch': {
    fragments: PATCH_PIECES,
    read: (text, random) => {
      const parsed = parsePatch(random.below(2) === 0 ? text : `*** Begin Patch\n${text}\n*** End Patch`);
      if (!parsed.ok) return assert.ok(parsed.message.length > 0);
      for (const section of parsed.sections) {
        if (section.kind === 'update')
          assert.equal(typeof applyChunks('same\nold\n\nx\r\n', section.chunks, 'b'), 'object');
      }
    },
  },
  'a configuration': {
    fragments: TOML_PIECES,
    read: (text) => {
      const read = readToml(text);
      if (read.ok) assert.equal(Object.getPrototypeOf(read.table), null);
      else assert.ok(read.fault.range.start.line >= 1 && read.fault.reason.length > 0);
    },
  },
  'rules of an ignore file': {
    fragments: [
      '*',
      '**',
      '/',
      '!',
      '?',
      '[',
      ']',
      '[a-z]',
      '[!x]',
      '[[:alpha:]]',
      '\\',
      'a',
      'b.ts',
      '#',
      ' ',
      '\n',
      '\r\n',
      '{',
      '}',
      '..',
      '.',
    ],
    read: (text) => {
      const rules = FolderRules.none.with('gitIgnore', text);
      for (const name of ['a', 'b.ts', 'ü', '.', 'a b']) {
        for (const at of [rules, rules.enter('a'), rules.enter('a').enter('b.ts')]) {
          assert.equal(typeof at.ignoresFile(name), 'boolean');
          assert.equal(typeof at.ignoresFolder(name), 'boolean');
        }
      }
    },
  },
  'variables of an .env': {
    fragments: [
      'A',
      'B_1',
      '=',
      ' = ',
      '"',
      "'",
      '$',
      '$' + '{A}',
      '$' + '{',
      '\\',
      '\\n',
      'export ',
      '#',
      '\n',
      '\r\n',
      '\0',
      ' ',
      'v',
    ],
    read: (text) => {
      const { variables, faultyLines } = readEnvText(Buffer.from(text), {
        lookUp: () => undefined,
        accepts: () => true,
      });
      for (const [name, value] of variables) assert.ok(!name.includes('=') && !value.includes('\0'));
      for (const line of faultyLines) assert.ok(line >= 1);
    },
  },
};

const MOST_PIECES = 16;
const NOISE_LENGTH = 8;

function textOf(fragments: readonly string[], random: Random): string {
  let text = '';
  for (let left = random.below(MOST_PIECES); left > 0; left -= 1) {
    text += random.below(6) === 0 ? noise(random) : random.pick(fragments);
  }
  return text;
}

const noise = (random: Random): string =>
  String.fromCharCode(
    ...Array.from({ length: random.below(NOISE_LENGTH) }, () => random.below(random.below(4) === 0 ? 2 ** 16 : 128)),
  );

/** One input in so many is also read when it has been repeated up to a length, within a time. */
const LONG_EACH = 20_000;
const LONG_LENGTH = 128 * 1024;
const LONG_LIMIT_MS = 2000;

/** Throws with the input when a reader does what it must not. */
export function fuzz(name: string, count: number, random: Random): void {
  const reader = READERS[name];
  assert.ok(reader !== undefined, name);
  for (let at = 0; at < count; at += 1) {
    const text = textOf(reader.fragments, random);
    attempt(reader, text, random);
    if (at % LONG_EACH !== 0 || text === '') continue;
    const long = text.repeat(Math.ceil(LONG_LENGTH / text.length));
    within(LONG_LIMIT_MS, `${JSON.stringify(text)} again and again`, () => attempt(reader, long, random));
  }
}

function attempt(reader: Reader, text: string, random: Random): void {
  try {
    reader.read(text, random);
  } catch (error) {
    throw new Error(`on ${JSON.stringify(text.slice(0, 4096))}`, { cause: error });
  }
}
