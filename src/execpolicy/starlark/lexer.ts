/** Source text to tokens. Indentation becomes `indent` and `dedent`; inside brackets lines do not end. */
import { Fault } from './fault.ts';
import { readString } from './string-literal.ts';
import { KEYWORDS, RESERVED, type Token } from './tokens.ts';

const SYMBOL = /\/\/=|<<=|>>=|\*\*|\/\/|<<|>>|==|!=|<=|>=|->|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|[-+*/%&|^~<>=()[\]{},:;.]/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+/y;
const STRING_PREFIX = /(?:f?r|f)?(?=['"])/y;

/** Longest decimal literal; a longer one would cost more than any rule is worth. */
const MAX_DIGITS = 1000;
/** As deep as blocks may nest. */
const MAX_INDENTS = 100;

/** Throws Fault. */
export const tokenize = (source: string): Token[] => new Lexer(source).run();

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  readonly #indents: number[] = [0];
  #at = 0;
  #brackets = 0;
  #atLineStart = true;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Token[] {
    while (this.#at < this.#source.length) {
      if (this.#atLineStart) this.#readIndent();
      if (this.#at < this.#source.length) this.#readOne();
    }
    const last = this.#tokens.at(-1);
    if (last !== undefined && last.kind !== 'newline') this.#push('newline', this.#at, this.#at);
    this.#indentTo(0);
    this.#push('end', this.#at, this.#at);
    return this.#tokens;
  }

  /** Blank lines and lines with nothing but a comment say nothing about indentation. */
  #readIndent(): void {
    this.#atLineStart = false;
    for (;;) {
      const line = / *(#[^\n]*)?(\r?\n)?/y;
      line.lastIndex = this.#at;
      const match = line.exec(this.#source);
      const whole = match?.[0] ?? '';
      const isBlank = match?.[2] !== undefined || this.#at + whole.length >= this.#source.length;
      if (!isBlank) break;
      this.#at += whole.length;
      if (this.#at >= this.#source.length) return;
    }
    const start = this.#at;
    while (this.#source.charAt(this.#at) === ' ') this.#at += 1;
    this.#indentTo(this.#at - start);
  }

  #indentTo(width: number): void {
    const current = this.#indents.at(-1) ?? 0;
    if (width > current) {
      if (this.#indents.length > MAX_INDENTS) throw this.#fault('blocks nested too deeply', 1);
      this.#indents.push(width);
      this.#push('indent', this.#at, this.#at);
    }
    while (width < (this.#indents.at(-1) ?? 0)) {
      this.#indents.pop();
      this.#push('dedent', this.#at, this.#at);
    }
    if (width !== this.#indents.at(-1)) throw this.#fault('indentation that fits no open block', 1);
  }

  #readOne(): void {
    const char = this.#source.charAt(this.#at);
    if (char === ' ') this.#at += 1;
    else if (char === '\n' || this.#source.startsWith('\r\n', this.#at)) this.#readNewline();
    else if (char === '#') this.#at = this.#lineEnd();
    else if (/^\\\r?\n/.test(this.#source.slice(this.#at, this.#at + 3)))
      this.#at += char.length + this.#breakLength(1);
    else if (char === '\t') throw this.#fault('tabs are not allowed', 1);
    else this.#readWordOrValue();
  }

  #breakLength(ahead: number): number {
    return this.#source.charAt(this.#at + ahead) === '\r' ? 2 : 1;
  }

  #readNewline(): void {
    const start = this.#at;
    this.#at += this.#breakLength(0);
    if (this.#brackets > 0) return;
    this.#push('newline', start, this.#at);
    this.#atLineStart = true;
  }

  #lineEnd(): number {
    const end = this.#source.indexOf('\n', this.#at);
    return end === -1 ? this.#source.length : end;
  }

  #readWordOrValue(): void {
    const prefix = this.#match(STRING_PREFIX);
    const number = prefix === undefined ? this.#match(NUMBER) : undefined;
    const word = prefix === undefined && number === undefined ? this.#match(WORD) : undefined;
    if (prefix !== undefined) this.#readString(prefix);
    else if (number !== undefined) this.#readNumber(number);
    else if (word !== undefined) this.#readWord(word);
    else this.#readSymbol();
  }

  #readWord(word: string): void {
    const span = { start: this.#at - word.length, end: this.#at };
    if (RESERVED.has(word)) throw new Fault(`\`${word}\` is a reserved word`, span);
    this.#tokens.push({ kind: KEYWORDS.has(word) ? 'keyword' : 'name', text: word, span });
  }

  #readSymbol(): void {
    const start = this.#at;
    const symbol = this.#match(SYMBOL);
    if (symbol === undefined) {
      const char = String.fromCodePoint(this.#source.codePointAt(start) ?? 0);
      throw this.#fault(`invalid input \`${char}\``, char.length);
    }
    if ('([{'.includes(symbol)) this.#brackets += 1;
    if (')]}'.includes(symbol)) this.#brackets = Math.max(0, this.#brackets - 1);
    this.#tokens.push({ kind: 'symbol', text: symbol, span: { start, end: this.#at } });
  }

  #readString(prefix: string): void {
    const start = this.#at - prefix.length;
    const format = prefix.includes('f');
    const literal = readString(this.#source, start, this.#at, { raw: prefix.includes('r'), format });
    this.#at = literal.end;
    const span = { start, end: literal.end };
    if (format) this.#tokens.push({ kind: 'format', parts: literal.parts, span });
    else this.#tokens.push({ kind: 'string', value: literal.parts.join(''), span });
  }

  #readNumber(text: string): void {
    const span = { start: this.#at - text.length, end: this.#at };
    if (text.length > MAX_DIGITS) throw new Fault('number with too many digits', span);
    const isWhole = /^(?:0[xXoObB][0-9a-fA-F]+|\d+)$/.test(text);
    if (/^0\d/.test(text) && isWhole) throw new Fault('a whole number may not begin with 0', span);
    this.#tokens.push({ kind: 'number', value: isWhole ? BigInt(text) : Number(text), span });
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0];
    if (text !== undefined) this.#at += text.length;
    return text;
  }

  #push(kind: 'newline' | 'indent' | 'dedent' | 'end', start: number, end: number): void {
    this.#tokens.push({ kind, span: { start, end } });
  }

  #fault(message: string, length: number): Fault {
    return new Fault(message, { start: this.#at, end: Math.min(this.#at + length, this.#source.length) });
  }
}
