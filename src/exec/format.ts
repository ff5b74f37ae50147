// Formats the outcome of a command for the model: a JSON form and a text form of the same facts.
import { jsonIn } from '../base/json/parse.ts';
import * as s from '../base/json/schema.ts';
import { type TruncationLimit, truncateMiddle } from './truncate.ts';

/** What the model gets. `totalLines` is present if the output was truncated. */
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

/** The output for the model before truncation. A timeout is announced first. */
export function outputText({ output, timedOut, durationMs }: ShellOutcome): string {
  return timedOut ? `command timed out after ${Math.round(durationMs)} milliseconds\n${output}` : output;
}

function lineCount(text: string): number {
  const breaks = text.split('\n').length;
  return text.endsWith('\n') || text === '' ? breaks - 1 : breaks;
}

/**
 * Truncates the output to the limit; a header gives the total number of lines and does not count towards the limit.
 */
export function truncateOutput(text: string, limit: TruncationLimit): string {
  const cut = truncateMiddle(text, limit);
  return cut === text ? text : `Total output lines: ${lineCount(text)}\n\n${cut}`;
}

/** The JSON form. The limit applies to the output alone, not to the header or the frame. */
export function formatShellJson(outcome: ShellOutcome, limit: TruncationLimit): string {
  const output = truncateOutput(outputText(outcome), limit);
  // The duration always has a decimal, which JSON.stringify would drop.
  const seconds = roundedSeconds(outcome.durationMs).toFixed(1);
  return `{"output":${JSON.stringify(output)},"metadata":{"exit_code":${outcome.exitCode},"duration_seconds":${seconds}}}`;
}

/** The contents of the text form: truncated to the limit, with the number of lines if that changed. */
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

/** Parses a JSON form; null for any other text, which may be the output of any tool. */
export function parseShellJson(text: string): ShellReport | null {
  const read = s.readOrNull(ShellJson, jsonIn(text));
  if (read === null) return null;
  const { output, metadata } = read;
  const { exit_code: exitCode, duration_seconds: durationSeconds } = metadata;
  const header = LINES_HEADER.exec(output);
  if (header === null) return { exitCode, durationSeconds, output };
  return { exitCode, durationSeconds, output: output.slice(header[0].length), totalLines: Number(header[1]) };
}
