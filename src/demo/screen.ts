/** What the user sees. In: texts. Out: lines on a stream, with colours and a moving status line only on a terminal. */

/** Where the demo writes to. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Style = keyof typeof STYLES;

const CLEAR_LINE = '\r\u001b[K';
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;

export class Screen {
  readonly #output: Output;
  readonly #colours: boolean;
  /** Whether the cursor stands at the beginning of a line. */
  #fresh = true;

  constructor(output: Output, env: Readonly<Record<string, string | undefined>>) {
    this.#output = output;
    this.#colours = wantsColours(output.isTTY, env);
  }

  styled(style: Style, text: string): string {
    return this.#colours ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
  }

  line(text = ''): void {
    this.#breakLine();
    this.#output.write(`${text}\n`);
  }

  title(text: string): void {
    this.line();
    this.line(this.styled('bold', text));
  }

  /** A part of a line that goes on. */
  piece(text: string): void {
    if (text === '') return;
    this.#output.write(printable(text));
    this.#fresh = text.endsWith('\n');
  }

  /** Every line of a text, behind a margin. */
  block(text: string, style: (line: string) => Style | null = () => 'dim'): void {
    for (const raw of text.replace(/\n$/, '').split('\n')) {
      const line = printable(raw);
      const chosen = style(line);
      this.line(`    ${chosen === null ? line : this.styled(chosen, line)}`);
    }
  }

  diff(text: string): void {
    this.block(text, (line) => {
      if (/^(diff|index|---|\+\+\+|new file|deleted file)/.test(line)) return 'dim';
      if (line.startsWith('@@')) return 'cyan';
      if (line.startsWith('+')) return 'green';
      return line.startsWith('-') ? 'red' : null;
    });
  }

  /** Shows that something goes on until disposed of; on anything but a terminal it shows nothing. */
  busy(what: string, nowMs: () => number): Disposable {
    if (!this.#output.isTTY) return { [Symbol.dispose]: () => undefined };
    this.#breakLine();
    const startedMs = nowMs();
    let frame = 0;
    const draw = (): void => {
      const sign = FRAMES[frame % FRAMES.length] ?? '';
      frame += 1;
      this.#output.write(`${CLEAR_LINE}  ${this.styled('cyan', sign)} ${what} ${duration(nowMs() - startedMs)}`);
    };
    draw();
    const timer = setInterval(draw, FRAME_MS);
    return {
      [Symbol.dispose]: () => {
        clearInterval(timer);
        this.#output.write(CLEAR_LINE);
      },
    };
  }

  #breakLine(): void {
    if (!this.#fresh) this.#output.write('\n');
    this.#fresh = true;
  }
}

/** Output of commands and models must not steer the terminal. */
const printable = (text: string): string => text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');

/** `8.4 ms`, `120 ms`, `1.3 s`. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** FORCE_COLOR decides when it is set, as for Node itself; then NO_COLOR; then whether this is a terminal that can. */
function wantsColours(isTerminal: boolean, { FORCE_COLOR, NO_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && (NO_COLOR ?? '') === '' && TERM !== 'dumb';
}
