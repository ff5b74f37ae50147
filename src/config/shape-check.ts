/**
 * Holds a table against the shape of config.toml. In: a merged or a single table. Out: the typed configuration, or the
 * first fault in the order a reader of the sorted keys meets it, as the reference reports one fault at a time.
 */
import { type ConfigToml, configToml } from './shape.ts';
import type { TomlTable } from './toml.ts';

interface ShapeFault {
  readonly reason: string;
  /** Where the value, or the table that lacks a key, is. */
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

/** The path as far as there are values: a missing key is a fault of the table around it. */
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

/** Members come before the faults of their table as a whole, keys in byte order. */
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

/** A path as messages without a file show it: no list positions, and nothing below `features`. */
export function keyLabel(path: readonly (string | number)[]): string {
  const keys = path.filter((key) => typeof key === 'string');
  const features = keys[0] === 'profiles' ? keys.indexOf('features', 2) : keys[0] === 'features' ? 0 : -1;
  return (features === -1 ? keys : keys.slice(0, features + 1)).join('.');
}
