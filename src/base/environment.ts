/**
 * The variables that have a value, as plain data for other threads and for children. Windows does not tell names apart by case,
 * plain data does: `Path` is `PATH` here, as the rest of the code has it.
 */
export function definedVariables(
  env: Readonly<Record<string, string | undefined>>,
  platform = process.platform,
): Record<string, string> {
  const nameOf = (name: string): string => (platform === 'win32' && /^path$/i.test(name) ? 'PATH' : name);
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[nameOf(name), value]])),
  );
}
