/** An object with one member for every name. */
export function recordOf<K extends string, V>(names: readonly K[], valueOf: (name: K) => V): Record<K, V> {
  // Object.fromEntries forgets which names there are.
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<K, V>;
}
