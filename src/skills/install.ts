/**
 * Puts the bundled skills into CODEX_HOME. In: the files. Out: `skills/.system`, replaced as a whole when its marker is not
 * the fingerprint of what we bring, so that an old version leaves nothing behind.
 */
import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../base/os-error.ts';
import { readRegular } from '../base/regular-file.ts';
import { ABANDONED_AFTER_MS, replaceFile } from '../base/replace-file.ts';
import { systemSkillsFolder } from './discovery.ts';

const MARKER = '.codex-system-skills.marker';
const MARKER_LIMIT_BYTES = 1_024;
const COPY = /^\.system\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A folder that is mounted by itself can be emptied, not replaced; what is in it is then written anew, the marker last. */
const NAME_STAYS = new Set(['EBUSY', 'EXDEV', 'EPERM', 'EACCES']);

/** Rejects with what the file system says; a failure leaves what was there before, or nothing. */
export async function installSystemSkills(codexHome: string, files: Readonly<Record<string, string>>): Promise<void> {
  const target = systemSkillsFolder(codexHome);
  const fingerprint = fingerprintOf(files);
  await removeDrafts(dirname(target));
  if ((await markerOf(target)) === fingerprint) return;
  // Not below `skills/` under a name that would be searched: an unfinished copy must never be seen.
  const draft = join(dirname(target), `.system.${randomUUID()}`);
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(draft, path)), { recursive: true });
      await writeFile(join(draft, path), text);
    }
    await writeFile(join(draft, MARKER), `${fingerprint}\n`);
    await rm(target, { recursive: true, force: true }).catch((error: unknown) => {
      if (!NAME_STAYS.has(errorCode(error))) throw error;
    });
    await rename(draft, target).catch(async (error: unknown) => {
      if (!NAME_STAYS.has(errorCode(error))) throw error;
      for (const [path, text] of [...Object.entries(files), [MARKER, `${fingerprint}\n`] as const]) {
        await replaceFile(join(target, path), text, { mode: 0o644, modeOfExisting: 'kept' });
      }
    });
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if ((await markerOf(target)) !== fingerprint) throw error; // else another server was faster
  }
}

/** Copies that a server began and was killed over; another server may be at it just now. */
async function removeDrafts(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => COPY.test(each))) {
    const found = await lstat(join(folder, name)).catch(() => null);
    const isOld = found !== null && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS;
    if (isOld) await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

async function markerOf(target: string): Promise<string | null> {
  const marker = await readRegular(join(target, MARKER), MARKER_LIMIT_BYTES).catch(() => null);
  return marker?.toString('utf8').trim() ?? null;
}

function fingerprintOf(files: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  for (const [path, text] of Object.entries(files).sort()) hash.update(JSON.stringify([path, text]));
  return hash.digest('hex');
}
