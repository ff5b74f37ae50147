/** Names of environment variables under which programs of the vendor are given keys and tokens. Pure. */
const WORDS = ['KEY', 'TOKEN', 'SECRET', 'PASSWORD'];

/** Case does not count, as on Windows. */
export function isOwnSecret(name: string): boolean {
  const upper = name.toUpperCase();
  return upper === 'OPENAI_API_KEY' || (upper.startsWith('CODEX_') && WORDS.some((word) => upper.includes(word)));
}
