/**
 * Checks a table against the shape of config.toml. In: a merged or a single table. Out: the typed configuration, or
 * the first fault in the order of sorted keys, because the reference reports one fault at a time.
 */
import { type ConfigToml, configToml } from './shape.ts';
import type { TomlTable } from './toml.ts';

interface ShapeFault {
  readonly reason: string;
  /** Path of the value, or of the table that lacks a key. */
  readonly path: readonly (string | number)[];
}

export type ShapeResult =
  | { readonly ok: true; readonly config: ConfigToml }
  | { readonly ok: false; readonly fault: ShapeFault };

export function checkShape(root: TomlTable): ShapeResult {
  const result = configToml.safeParse(root);
  if (result.success) return { ok: true, config: result.data };
  const faults = result.error.issues.map((issue) => ({
    reason: issue.message,
    path: presentPart(root, issue.path),
  }));
  const first = faults.reduce((best, fault) => (comesBefore(fault.path, best.path) ? fault : best));
  return { ok: false, fault: first };
}

/** The existing part of the path: a missing key is a fault of its table. */
function presentPart(root: TomlTable, path: readonly PropertyKey[]): (string | number)[] {
  const present: (string | number)[] = [];
  let value: unknown = root;
  for (const key of path) {
    if (typeof key === 'symbol' || typeof value !== 'object' || value === null) break;
    value = Object.getOwnPropertyDescriptor(value, key)?.value;
    if (value === undefined) break;
    present.push(key);
  }
  return present;
}

/** Members come before faults of their whole table, keys in byte order. */
function comesBefore(a: readonly (string | number)[], b: readonly (string | number)[]): boolean {
  for (const [index, key] of a.entries()) {
    const other = b[index];
    if (other === undefined) return true;
    if (key === other) continue;
    return typeof key === 'number' && typeof other === 'number'
      ? key < other
      : byteOrder(String(key), String(other)) < 0;
  }
  return false;
}

export const byteOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** A path for messages without a file: no list indexes, and nothing below `features`. */
export function keyLabel(path: readonly (string | number)[]): string {
  const keys = path.filter((key) => typeof key === 'string');
  const features = keys[0] === 'profiles' ? keys.indexOf('features', 2) : keys[0] === 'features' ? 0 : -1;
  return (features === -1 ? keys : keys.slice(0, features + 1)).join('.');
}
