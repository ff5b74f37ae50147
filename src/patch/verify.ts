// Sections -> the changes they would make, before anyone is asked and anything is written. Reads files, writes none.

import { osErrorText } from '../base/os-error.ts';
import { unifiedHunks } from './line-diff.ts';
import { applyChunks } from './match.ts';
import type { PatchSection } from './parse.ts';
import { joinPath, resolvePath } from './paths.ts';
import { decodeText } from './text-file.ts';

/** What verification needs of a file system. Rejects like `fs.promises.readFile`. */
export interface PatchReader {
  readFile(path: string): Promise<Uint8Array>;
}

/** What one path goes through. Paths are absolute; `unifiedDiff` has one context line and no file headers. */
export type PatchChange =
  | { readonly kind: 'add'; readonly path: string; readonly movePath: null; readonly content: string }
  | { readonly kind: 'delete'; readonly path: string; readonly movePath: null; readonly content: string }
  | {
      readonly kind: 'update';
      readonly path: string;
      readonly movePath: string | null;
      readonly oldContent: string;
      readonly newContent: string;
      readonly unifiedDiff: string;
    };

export type VerifiedPatch =
  | { readonly ok: true; readonly changes: readonly PatchChange[] }
  | { readonly ok: false; readonly message: string };

/** Context lines around a change in items, observed on codex app-server 0.94.0. */
const ITEM_CONTEXT_LINES = 1;

/**
 * Computes every change against the files as they are now, each section against the original file. Of two sections for
 * one path the last one counts. The caller puts `apply_patch verification failed: ` before `message`.
 */
export async function verifyPatch(
  sections: readonly PatchSection[],
  cwd: string,
  fs: PatchReader,
): Promise<VerifiedPatch> {
  const changes = new Map<string, PatchChange>();
  for (const section of sections) {
    const verified = await verifySection(section, cwd, fs);
    if (!verified.ok) return verified;
    changes.set(resolvePath(cwd, section.path), verified.change);
  }
  return { ok: true, changes: [...changes.values()] };
}

type VerifiedSection =
  | { readonly ok: true; readonly change: PatchChange }
  | { readonly ok: false; readonly message: string };

async function verifySection(section: PatchSection, cwd: string, fs: PatchReader): Promise<VerifiedSection> {
  const path = joinPath(cwd, section.path);
  if (section.kind === 'add') {
    return { ok: true, change: { kind: 'add', path, movePath: null, content: section.content } };
  }
  const read = await readText(resolvePath(cwd, section.path), fs);
  if (section.kind === 'delete') {
    if (!read.ok) return { ok: false, message: `Failed to read ${path}: ${read.reason}` };
    return { ok: true, change: { kind: 'delete', path, movePath: null, content: read.text } };
  }
  if (!read.ok) return { ok: false, message: `Failed to read file to update ${path}: ${read.reason}` };
  const matched = applyChunks(read.text, section.chunks, path);
  if (!matched.ok) return matched;
  const change: PatchChange = {
    kind: 'update',
    path,
    movePath: section.movePath === null ? null : joinPath(cwd, section.movePath),
    oldContent: read.text,
    newContent: matched.content,
    unifiedDiff: unifiedHunks(read.text, matched.content, ITEM_CONTEXT_LINES),
  };
  return { ok: true, change };
}

type ReadText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

async function readText(path: string, fs: PatchReader): Promise<ReadText> {
  try {
    return { ok: true, text: decodeText(await fs.readFile(path)) };
  } catch (error) {
    return { ok: false, reason: osErrorText(error) };
  }
}
