/** The parser's view of the tokens: where it is, what it expects, which names the open scopes bind. */
import { Fault, type Span } from './fault.ts';
import { describeToken, type Token } from './tokens.ts';

/** As deep as brackets and operators may nest, and as long as a chain such as `a + a + …` or `a.b.c` may get. */
const MAX_DEPTH = 100;
const MAX_CHAIN = 250;

export class Cursor {
  readonly #tokens: readonly Token[];
  readonly #scopes: Set<string>[] = [];
  #at = 0;
  #depth = 0;

  /** `tokens` end with the `end` token. */
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get token(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', span: { start: 0, end: 0 } };
  }

  /** The end of the token before this one. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.span.end ?? 0;
  }

  next(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  /** Whether the token is this keyword or symbol. */
  is(text: string): boolean {
    const { token } = this;
    return (token.kind === 'keyword' || token.kind === 'symbol') && token.text === text;
  }

  isKind(kind: Token['kind']): boolean {
    return this.token.kind === kind;
  }

  /** Whether the token behind this one is this symbol. */
  isFollowedBy(text: string): boolean {
    const token = this.#tokens[this.#at + 1];
    return token?.kind === 'symbol' && token.text === text;
  }

  take(text: string): boolean {
    const found = this.is(text);
    if (found) this.next();
    return found;
  }

  expect(text: string): Span {
    if (!this.is(text)) throw this.unexpected(`expected \`${text}\``);
    return this.next().span;
  }

  expectKind(kind: 'newline' | 'indent' | 'dedent', words: string): void {
    if (!this.isKind(kind)) throw this.unexpected(`expected ${words}`);
    this.next();
  }

  expectName(): { name: string; span: Span } {
    const { token } = this;
    if (token.kind !== 'name') throw this.unexpected('expected a name');
    this.next();
    return { name: token.text, span: token.span };
  }

  /** The place from `start` to the end of the last token taken. */
  spanFrom(start: number): Span {
    return { start, end: this.lastEnd };
  }

  unexpected(hint: string): Fault {
    return new Fault(`unexpected ${describeToken(this.token)}, ${hint}`, this.token.span);
  }

  /** Runs `parse` one level deeper. */
  nested<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new Fault('nested too deeply', this.token.span);
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  checkChain(length: number): void {
    if (length > MAX_CHAIN) throw new Fault('expression with too many parts', this.token.span);
  }

  /** Runs `parse` in a scope of its own; also gives the names bound in it. */
  scoped<T>(parse: () => T): { result: T; names: string[] } {
    const scope = new Set<string>();
    this.#scopes.push(scope);
    const result = parse();
    this.#scopes.pop();
    return { result, names: [...scope] };
  }

  bind(name: string): void {
    this.#scopes.at(-1)?.add(name);
  }
}
