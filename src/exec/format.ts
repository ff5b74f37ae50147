// How the outcome of a command is put into words for the model: a JSON form and a text form of the same facts.
import { jsonIn } from '../base/json/parse.ts';
import * as s from '../base/json/schema.ts';
import { type TruncationLimit, truncateMiddle } from './truncate.ts';

/** What the model is told. `totalLines` is present when the output was cut. */
export interface ShellReport {
  readonly exitCode: number;
  readonly durationSeconds: number;
  readonly output: string;
  readonly totalLines?: number;
}

export interface ShellOutcome {
  readonly exitCode: number;
  readonly durationMs: number;
  readonly timedOut: boolean;
  /** Standard output and standard error together. */
  readonly output: string;
}

const LINES_HEADER = /^Total output lines: (\d+)\n\n/;

const roundedSeconds = (durationMs: number): number => Math.round(durationMs / 100) / 10;

/** The output as the model gets it, before any cut: a timeout is announced first. */
export function outputText({ output, timedOut, durationMs }: ShellOutcome): string {
  return timedOut ? `command timed out after ${Math.round(durationMs)} milliseconds\n${output}` : output;
}

function lineCount(text: string): number {
  const breaks = text.split('\n').length;
  return text.endsWith('\n') || text === '' ? breaks - 1 : breaks;
}

/** The output cut to the limit; a header says how many lines there were. The limit does not count for the header. */
export function cutOutput(text: string, limit: TruncationLimit): string {
  const cut = truncateMiddle(text, limit);
  return cut === text ? text : `Total output lines: ${lineCount(text)}\n\n${cut}`;
}

/** The JSON form; the limit counts for the output alone, not for the header or the frame. */
export function formatShellJson(outcome: ShellOutcome, limit: TruncationLimit): string {
  const output = cutOutput(outputText(outcome), limit);
  // The duration always has a decimal, which a JSON number written by JSON.stringify would lose.
  const seconds = roundedSeconds(outcome.durationMs).toFixed(1);
  return `{"output":${JSON.stringify(output)},"metadata":{"exit_code":${outcome.exitCode},"duration_seconds":${seconds}}}`;
}

/** What the text form of an outcome says: cut to the limit, with the number of lines if that changed. */
export function shellReport(outcome: ShellOutcome, limit: TruncationLimit): ShellReport {
  const text = outputText(outcome);
  const output = truncateMiddle(text, limit);
  const report = { exitCode: outcome.exitCode, durationSeconds: roundedSeconds(outcome.durationMs), output };
  const totalLines = lineCount(text);
  return lineCount(output) === totalLines ? report : { ...report, totalLines };
}

/** The text form. */
export function formatShellText({ exitCode, durationSeconds, output, totalLines }: ShellReport): string {
  const lines = [`Exit code: ${exitCode}`, `Wall time: ${durationSeconds} seconds`];
  if (totalLines !== undefined) lines.push(`Total output lines: ${totalLines}`);
  return [...lines, 'Output:', output].join('\n');
}

const ShellJson = s.object({
  output: s.string,
  metadata: s.object({ exit_code: s.number, duration_seconds: s.number }),
});

/** Reads a JSON form back; null for any other text: the output of any tool may come here. */
export function parseShellJson(text: string): ShellReport | null {
  const read = s.readOrNull(ShellJson, jsonIn(text));
  if (read === null) return null;
  const { output, metadata } = read;
  const { exit_code: exitCode, duration_seconds: durationSeconds } = metadata;
  const header = LINES_HEADER.exec(output);
  if (header === null) return { exitCode, durationSeconds, output };
  return { exitCode, durationSeconds, output: output.slice(header[0].length), totalLines: Number(header[1]) };
}
