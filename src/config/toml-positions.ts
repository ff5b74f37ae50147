/**
 * Positions of the values in a TOML document. In: a text that the TOML parser has accepted. Out: the range of the
 * value at a path. A table defined by a header is at the header, one implied by a dotted key at that part of the key.
 */
import type { FileRange } from './errors.ts';

interface PositionNode {
  start: number;
  end: number;
  readonly members: Map<string, PositionNode>;
  readonly items: PositionNode[];
}

interface KeyPart {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const newNode = (start: number, end: number): PositionNode => ({ start, end, members: new Map(), items: [] });

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\u001b' };

/** The range of the value at `path`, else of the closest table around it that exists. */
export function locateValue(text: string, path: readonly (string | number)[]): FileRange {
  let node = new Scanner(text).document();
  for (const key of path) {
    const next = typeof key === 'number' ? node.items[key] : node.members.get(key);
    if (next === undefined) break;
    node = next;
  }
  return { start: positionAt(text, node.start), end: positionAt(text, Math.max(node.start, node.end - 1)) };
}

function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return { line, column: [...before.slice(lineStart)].length + 1 };
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): PositionNode {
    const root = newNode(0, 0);
    let table = root;
    this.#skip(/[\s\uFEFF]|#[^\n]*/y);
    while (this.#at < this.#text.length) {
      const before = this.#at;
      if (this.#peek() === '[') table = this.#header(root);
      else this.#assignment(table);
      this.#skip(/\s|#[^\n]*/y);
      if (this.#at === before) this.#at += 1; // a text that does not parse must not cause an endless loop
    }
    return root;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #skip(pattern: RegExp): void {
    for (;;) {
      pattern.lastIndex = this.#at;
      if (!pattern.test(this.#text)) return;
      this.#at = pattern.lastIndex;
    }
  }

  #header(root: PositionNode): PositionNode {
    const start = this.#at;
    const isList = this.#text.startsWith('[[', start);
    this.#at += isList ? 2 : 1;
    const keys = this.#keyPath();
    this.#at += isList ? 2 : 1;
    const last = keys.pop();
    const parent = keys.reduce(enter, root);
    if (last === undefined) return parent;
    const node = isList ? newNode(start, this.#at) : enter(parent, last);
    node.start = start;
    node.end = this.#at;
    if (isList) memberOf(parent, last).items.push(node);
    return node;
  }

  #assignment(table: PositionNode): void {
    const keys = this.#keyPath();
    const last = keys.pop();
    const parent = keys.reduce(enter, table);
    if (this.#peek() === '=') this.#at += 1;
    this.#skip(/[ \t]/y);
    const value = this.#value();
    if (last !== undefined) parent.members.set(last.text, value);
  }

  #keyPath(): KeyPart[] {
    const parts: KeyPart[] = [];
    for (;;) {
      this.#skip(/[ \t]/y);
      const part = this.#keyPart();
      if (part === undefined) return parts;
      parts.push(part);
      this.#skip(/[ \t]/y);
      if (this.#peek() !== '.') return parts;
      this.#at += 1;
    }
  }

  #keyPart(): KeyPart | undefined {
    const start = this.#at;
    const quote = this.#peek();
    if (quote === '"' || quote === "'") {
      this.#string();
      const inner = this.#text.slice(start + 1, this.#at - 1);
      return { text: quote === '"' ? unescapeText(inner) : inner, start, end: this.#at };
    }
    const bare = /[A-Za-z0-9_-]+/y;
    bare.lastIndex = start;
    const text = bare.exec(this.#text)?.[0];
    if (text === undefined) return undefined;
    this.#at += text.length;
    return { text, start, end: this.#at };
  }

  #value(): PositionNode {
    const node = newNode(this.#at, this.#at);
    const first = this.#peek();
    if (first === '"' || first === "'") this.#string();
    else if (first === '[') this.#list(node);
    else if (first === '{') this.#inlineTable(node);
    else this.#bareValue();
    node.end = this.#at;
    return node;
  }

  #bareValue(): void {
    const bare = /[^,\]}#\r\n]*/y;
    bare.lastIndex = this.#at;
    this.#at += (bare.exec(this.#text)?.[0] ?? '').trimEnd().length;
  }

  /** Skips a string of any of the four kinds. */
  #string(): void {
    const quote = this.#peek();
    const fence = this.#text.startsWith(quote.repeat(3), this.#at) ? quote.repeat(3) : quote;
    this.#at += fence.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(fence, this.#at)) {
      this.#at += quote === '"' && this.#peek() === '\\' ? 2 : 1;
    }
    this.#at = Math.min(this.#text.length, this.#at + fence.length);
    // Up to two quotes may precede the closing three.
    while (fence.length === 3 && this.#peek() === quote) this.#at += 1;
  }

  #list(node: PositionNode): void {
    this.#each(']', () => {
      node.items.push(this.#value());
    });
  }

  #inlineTable(node: PositionNode): void {
    this.#each('}', () => this.#assignment(node));
  }

  #each(close: string, readOne: () => void): void {
    this.#at += 1;
    while (this.#at < this.#text.length) {
      this.#skip(/[\s,]|#[^\n]*/y);
      if (this.#peek() === close) {
        this.#at += 1;
        return;
      }
      const before = this.#at;
      readOne();
      if (this.#at === before) this.#at += 1;
    }
  }
}

function memberOf(parent: PositionNode, key: KeyPart): PositionNode {
  const present = parent.members.get(key.text);
  if (present !== undefined) return present;
  const created = newNode(key.start, key.end);
  parent.members.set(key.text, created);
  return created;
}

/** A header's path leads through the latest element of a list of tables. */
function enter(parent: PositionNode, key: KeyPart): PositionNode {
  const member = memberOf(parent, key);
  return member.items.at(-1) ?? member;
}

const unescapeText = (text: string): string =>
  text.replaceAll(
    /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/gs,
    (_all, two, four, eight, one) => {
      const digits: unknown = two ?? four ?? eight;
      if (typeof digits !== 'string') return ESCAPES[String(one)] ?? String(one);
      const point = Number.parseInt(digits, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : '';
    },
  );
