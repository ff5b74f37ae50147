/**
 * A verified plan -> files. Runs in a child process confined by the sandbox, or in the shard after an approval.
 *
 * Everything is looked at again first: a file that has changed since the plan was made is left alone. Then all new texts
 * are prepared beside their places, and only when that has worked the first file changes. What may still fail after that
 * says which files were changed already.
 */
import { lstat, readlink, unlink } from 'node:fs/promises';
import { sep } from 'node:path';
import { isMissing, osErrorText } from '../base/os-error.ts';
import { NOT_A_LINK, readRegular } from '../base/regular-file.ts';
import { HeldParents } from './held-parents.ts';
import {
  attributesOf,
  type FilePlacement,
  prepareNew,
  prepareOver,
  prepareRemoval,
  prepareReplacement,
} from './placement.ts';
import type { Found, PatchPlan, PatchStep } from './plan.ts';
import { LARGEST_FILE_BYTES } from './text-file.ts';

/** `message` is for the model; both texts end without a line feed of their own. */
export type AppliedPatch =
  | { readonly ok: true; readonly summary: string }
  | { readonly ok: false; readonly message: string };

class ApplyFailure extends Error {}

const NOTHING_CHANGED = 'No file was changed.';

/** Does what the plan says. What the disk says against it comes back as a message that names the file. */
export async function applyPlan({ steps, summary }: PatchPlan): Promise<AppliedPatch> {
  const changed: string[] = [];
  using parents = new HeldParents();
  try {
    const open: PatchStep[] = [];
    for (const step of steps) if (await isOpen(step, parents)) open.push(step);
    const late = open.filter((step) => needsPlaceOfRemoved(step, open));
    const early = open.filter((step) => !late.includes(step));
    await changeFiles(early, parents, changed);
    await changeFiles(late, parents, changed);
  } catch (error) {
    if (!(error instanceof ApplyFailure)) throw error;
    const state = changed.length === 0 ? NOTHING_CHANGED : `Changed before that: ${changed.join(', ')}`;
    return { ok: false, message: `${error.message}\n${state}` };
  }
  return { ok: true, summary };
}

/** Whether the disk still is as the plan expects; undefined when it is, else what to tell the model. Changes nothing. */
export async function staleness({ steps }: PatchPlan): Promise<string | undefined> {
  using parents = new HeldParents();
  try {
    for (const step of steps) await isOpen(step, parents);
    return undefined;
  } catch (error) {
    if (error instanceof ApplyFailure) return `${error.message}\n${NOTHING_CHANGED}`;
    throw error;
  }
}

/** False when the file already is as it should be: an attempt before this one got that far. Throws when it is neither. */
async function isOpen({ place, written, before, after, otherName }: PatchStep, parents: HeldParents): Promise<boolean> {
  const now = await attempt(`Failed to read ${written}`, () => stateOf(place, parents));
  if (isSame(now, after === null ? null : { kind: 'text', text: after })) return false;
  if (isSame(now, before) || otherName !== null) return true;
  throw new ApplyFailure(`Failed to change ${written}: it has changed since the patch was checked. Read it again`);
}

type FoundContent = { readonly kind: 'text'; readonly bytes: Buffer } | (Found & { readonly kind: 'link' }) | null;

async function stateOf(place: string, parents: HeldParents): Promise<FoundContent> {
  try {
    const at = parents.at(place);
    if ((await lstat(at)).isSymbolicLink()) return { kind: 'link', text: await readlink(at) };
    return { kind: 'text', bytes: await readRegular(at, LARGEST_FILE_BYTES, undefined, NOT_A_LINK) };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isSame(state: FoundContent, expected: Found | null): boolean {
  if (state === null || expected === null) return state === expected;
  if (state.kind === 'link') return expected.kind === 'link' && expected.text === state.text;
  return expected.kind === 'text' && state.bytes.equals(Buffer.from(expected.text));
}

/** A file that goes may make room for a folder of its name. What is moved below itself is not safe anywhere meanwhile. */
const needsPlaceOfRemoved = (step: PatchStep, steps: readonly PatchStep[]): boolean =>
  step.after !== null &&
  steps.some(({ place, after }) => after === null && step.movedFrom !== place && step.place.startsWith(place + sep));

/** Prepares every step, then takes them in order; `changed` gets the names of those that are done. */
async function changeFiles(steps: readonly PatchStep[], parents: HeldParents, changed: string[]): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  const ready: { readonly step: PatchStep; readonly placement: FilePlacement }[] = [];
  try {
    for (const step of steps) {
      const placement = await prepare(step, parents, undo);
      undo.push(placement.discard);
      ready.push({ step, placement });
    }
    for (const { step, placement } of ready) {
      await attempt(taskOf(step), placement.commit);
      changed.push(step.written);
    }
  } catch (error) {
    for (const one of undo.toReversed()) await one();
    throw error;
  }
}

/** "Failed to write file" counts as stopped by the sandbox, as with codex app-server 0.94.0. */
const taskOf = ({ after, written }: PatchStep): string =>
  after === null ? `Failed to delete file ${written}` : `Failed to write file ${written}`;

async function prepare(step: PatchStep, parents: HeldParents, undo: (() => Promise<void>)[]): Promise<FilePlacement> {
  const { place, written, before, after, movedFrom, otherName } = step;
  if (after === null) return attempt(taskOf(step), () => prepareRemoval(parents.at(place)));
  const content = Buffer.from(after);
  if (before?.kind === 'text') {
    return attempt(taskOf(step), () => prepareReplacement(parents.at(place), content, Buffer.from(before.text)));
  }
  if (before?.kind === 'link') return attempt(taskOf(step), () => prepareOver(parents.at(place), content));
  undo.push(await attempt(`Failed to create parent directories for ${written}`, () => parents.make(place)));
  return attempt(taskOf(step), async () => {
    const like = movedFrom === null ? undefined : await attributesOf(parents.at(movedFrom));
    const placement = await prepareNew(parents.at(place), content, like);
    if (otherName === null) return placement;
    const commit = async (): Promise<void> => {
      await unlink(parents.at(otherName));
      await placement.commit();
    };
    return { ...placement, commit };
  });
}

async function attempt<T>(message: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new ApplyFailure(`${message}: ${osErrorText(cause)}`, { cause });
  }
}
