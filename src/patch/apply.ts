// Sections -> files. Runs in a child process of its own, confined by the sandbox, so it trusts no earlier check: a file
// may have changed since. Not atomic: what was done before a failing section stays.
import { mkdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { osErrorText } from '../base/os-error.ts';
import { applyChunks } from './match.ts';
import type { PatchSection } from './parse.ts';
import { resolvePath } from './paths.ts';
import { decodeText } from './text-file.ts';

/** `summary` lists the paths as written in the patch; both texts end without a line feed of their own. */
export type AppliedPatch =
  | { readonly ok: true; readonly summary: string }
  | { readonly ok: false; readonly message: string };

class ApplyFailure extends Error {}

/** Applies the sections in their order, relative to `cwd`. Failures come back as a message naming the path. */
export async function applyPatch(sections: readonly PatchSection[], cwd: string): Promise<AppliedPatch> {
  if (sections.length === 0) return { ok: false, message: 'No files were modified.' };
  const done = { added: [] as string[], modified: [] as string[], deleted: [] as string[] };
  try {
    for (const section of sections) {
      await applySection(section, cwd);
      if (section.kind === 'add') done.added.push(section.path);
      else if (section.kind === 'delete') done.deleted.push(section.path);
      else done.modified.push(section.movePath ?? section.path);
    }
  } catch (error) {
    if (!(error instanceof ApplyFailure)) throw error;
    return { ok: false, message: error.message };
  }
  const lines = [
    ...done.added.map((path) => `A ${path}`),
    ...done.modified.map((path) => `M ${path}`),
    ...done.deleted.map((path) => `D ${path}`),
  ];
  return { ok: true, summary: ['Success. Updated the following files:', ...lines].join('\n') };
}

async function applySection(section: PatchSection, cwd: string): Promise<void> {
  const path = resolvePath(cwd, section.path);
  switch (section.kind) {
    case 'add':
      await createParents(path, section.path);
      return await write(path, section.content, section.path);
    case 'delete':
      return await attempt(`Failed to delete file ${section.path}`, () => unlink(path));
    case 'update':
      return await update(section, cwd);
  }
}

async function update(section: Extract<PatchSection, { kind: 'update' }>, cwd: string): Promise<void> {
  const source = resolvePath(cwd, section.path);
  const matched = applyChunks(await readSource(source, section.path), section.chunks, section.path);
  if (!matched.ok) throw new ApplyFailure(matched.message);
  if (section.movePath === null) return await write(source, matched.content, section.path);

  const destination = resolvePath(cwd, section.movePath);
  await createParents(destination, section.movePath);
  await write(destination, matched.content, section.movePath);
  // A file moved onto itself was written in place; removing the source would lose it.
  if (destination === source) return;
  await attempt(`Failed to remove original ${section.path}`, () => rm(source));
}

async function readSource(path: string, displayPath: string): Promise<string> {
  try {
    return decodeText(await readFile(path));
  } catch (error) {
    throw new ApplyFailure(`Failed to read file to update ${displayPath}: ${osErrorText(error)}`, { cause: error });
  }
}

const createParents = (path: string, displayPath: string): Promise<void> =>
  attempt(`Failed to create parent directories for ${displayPath}`, () => mkdir(dirname(path), { recursive: true }));

const write = (path: string, content: string, displayPath: string): Promise<void> =>
  attempt(`Failed to write file ${displayPath}`, () => writeFile(path, content));

async function attempt(message: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (cause) {
    throw new ApplyFailure(message, { cause });
  }
}
