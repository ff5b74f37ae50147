/** An object with one member for every name. */
export function recordOf<K extends string, V>(names: readonly K[], make: (name: K) => V): Record<K, V> {
  // Object.fromEntries loses the type of the names.
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<K, V>;
}
