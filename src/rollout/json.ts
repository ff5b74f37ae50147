/** Small questions about parsed JSON. */

export type JsonRecord = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isString = (value: unknown): value is string => typeof value === 'string';

export const isNumber = (value: unknown): value is number => typeof value === 'number';

/** The list, when it is one and every entry passes. */
export const listOf = <T>(value: unknown, passes: (entry: unknown) => entry is T): T[] | null =>
  Array.isArray(value) && value.every(passes) ? value : null;

/** `{key: text}` when the member is text, else nothing. */
export const optionalString = <K extends string>(record: JsonRecord, key: K): { [P in K]?: string } => {
  const value = record[key];
  return isString(value) ? ({ [key]: value } as { [P in K]?: string }) : {};
};

/** The objects of a list; none for what is no list. */
export const recordsOf = (value: unknown): readonly JsonRecord[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

export const textOrNull = (value: unknown): string | null => (isString(value) ? value : null);
