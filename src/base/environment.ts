/**
 * The variables that have a value, as plain data for other threads and for child processes. Names of variables are case-insensitive
 * on Windows and case-sensitive in plain data, so `Path` becomes `PATH`, the spelling that the rest of the code uses.
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
