/**
 * Puts the bundled skills into CODEX_HOME. In: the files. Out: `skills/.system`, replaced as a whole when its marker is not
 * the fingerprint of what we bring, so that an old version leaves nothing behind.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemSkillsFolder } from './discovery.ts';

const MARKER = '.codex-system-skills.marker';

/** Rejects with what the file system says; a failure leaves what was there before, or nothing. */
export async function installSystemSkills(codexHome: string, files: Readonly<Record<string, string>>): Promise<void> {
  const target = systemSkillsFolder(codexHome);
  const fingerprint = fingerprintOf(files);
  const present = await readFile(join(target, MARKER), 'utf8').catch(() => null);
  if (present?.trim() === fingerprint) return;
  // Not below `skills/` under a name that would be searched: an unfinished copy must never be seen.
  const draft = join(dirname(target), `.system.${randomUUID()}`);
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(draft, path)), { recursive: true });
      await writeFile(join(draft, path), text);
    }
    await writeFile(join(draft, MARKER), `${fingerprint}\n`);
    await rm(target, { recursive: true, force: true });
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const now = await readFile(join(target, MARKER), 'utf8').catch(() => null);
    if (now?.trim() !== fingerprint) throw error; // else another server was faster
  }
}

function fingerprintOf(files: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  for (const [path, text] of Object.entries(files).sort()) hash.update(JSON.stringify([path, text]));
  return hash.digest('hex');
}
