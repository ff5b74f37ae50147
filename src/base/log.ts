/**
 * Logging. In: records of level, area, event and ids. Out: one JSON object a line to a sink, which main.ts points at
 * stderr. Silent below `error` unless RUST_LOG or SHARDEX_LOG asks for more: several clients pipe stderr and never read
 * it. Fields whose name suggests a secret are masked at any depth. Each logger holds only its filter and its sink.
 *
 * A library would have to be loaded before the first answer and would not save code: masking by name at any depth, a bounded queue
 * that counts dropped lines, and late loading would remain.
 */
import { headOf } from './well-formed.ts';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
type LogLevel = (typeof LEVELS)[number];
const LEVEL_NAMES: readonly string[] = LEVELS;

/** Ids and small facts; never prompts, file contents or tokens. */
type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  error(area: string, event: string, fields?: LogFields): void;
  warn(area: string, event: string, fields?: LogFields): void;
  info(area: string, event: string, fields?: LogFields): void;
  debug(area: string, event: string, fields?: LogFields): void;
  /** Whether a record would be written: to skip costly fields. */
  enabled(level: LogLevel, area: string): boolean;
}

export interface LogFilter {
  /** Highest level number that is written by default; -1 is off. */
  readonly fallback: number;
  readonly areas: ReadonlyMap<string, number>;
}

const SECRET_NAME =
  /(?:token|secret|password|passwd|authorization|cookie|credential|api[-_]?key|private[-_]?key|bearer)/i;
/** Counters whose name contains the word but not a secret. */
const HARMLESS_NAME = /(?:tokens|token(?:_?count|_?usage|_?limit))$/i;
const MAX_DEPTH = 6;
const MAX_TEXT_LENGTH = 4096;
const MASK = '[redacted]';

const levelNumber = (name: string): number | undefined => {
  const known = name.trim().toLowerCase();
  if (known === 'off') return -1;
  if (known === 'trace') return LEVELS.indexOf('debug');
  const index = LEVEL_NAMES.indexOf(known);
  return index === -1 ? undefined : index;
};

/**
 * Reads a filter such as `warn` or `error,rpc=debug`. Invalid parts are skipped, so a filter for another program's
 * modules does no harm.
 */
export function parseLogFilter(text: string | undefined): LogFilter {
  const areas = new Map<string, number>();
  let fallback = LEVELS.indexOf('error');
  for (const part of (text ?? '').split(',')) {
    const equals = part.indexOf('=');
    const level = levelNumber(part.slice(equals + 1));
    if (level === undefined) continue;
    if (equals === -1) fallback = level;
    else areas.set(part.slice(0, equals).trim(), level);
  }
  return { fallback, areas };
}

/** Copies a value for the log: secrets masked by field name, errors as name, message and stack, depth and length bounded. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    const text = value.toWellFormed();
    return text.length > MAX_TEXT_LENGTH ? `${headOf(text, MAX_TEXT_LENGTH)}… (${text.length} characters)` : text;
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[…]';
  if (value instanceof Error) {
    const cause = value.cause === undefined ? {} : { cause: redact(value.cause, depth + 1) };
    return { name: value.name, message: redact(value.message), stack: redact(value.stack), ...cause };
  }
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      SECRET_NAME.test(name) && !HARMLESS_NAME.test(name) ? MASK : redact(item, depth + 1),
    ]),
  );
}

/** `sink` receives whole lines with their newline and must not block or throw. */
export function createLogger(filter: LogFilter, sink: (line: string) => void, nowMs: () => number): Logger {
  const enabled = (level: LogLevel, area: string): boolean =>
    LEVELS.indexOf(level) <= (filter.areas.get(area) ?? filter.fallback);
  const at =
    (level: LogLevel) =>
    (area: string, event: string, fields?: LogFields): void => {
      if (!enabled(level, area)) return;
      const time = new Date(nowMs()).toISOString();
      sink(`${encode({ time, level, area, event }, fields)}\n`);
    };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug'), enabled };
}

function encode(head: LogFields, fields: LogFields | undefined): string {
  try {
    const own = fields === undefined ? {} : redact(fields);
    return JSON.stringify({ ...head, ...(typeof own === 'object' ? own : {}) });
  } catch {
    return JSON.stringify({ ...head, unprintable: true }); // a getter or toJSON that throws must not end the request
  }
}
