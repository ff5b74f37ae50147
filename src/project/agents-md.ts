/**
 * The instructions for the model from AGENTS.md files and skills. In: the configuration of a thread and its enabled skills. Out: one
 * text, or null if there are none. Read once, when a thread is loaded; no state.
 */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { openBounded, type ReadBounds } from '../base/bounded-open.ts';
import { wholeLength } from '../base/well-formed.ts';
import { ancestorWith, foldersDown } from '../config/git-root.ts';
import type { EffectiveConfig } from '../contract/effective-config.ts';
import { type AnnouncedSkill, skillsSection } from '../skills/announcement.ts';

const FILE = 'AGENTS.md';
const OVERRIDE_FILE = 'AGENTS.override.md';
/** Size limit for the user's text and for all texts of a project; no model takes more. */
const MAX_GLOBAL_BYTES = 4 * 1024 * 1024;
const MAX_DOC_BYTES = MAX_GLOBAL_BYTES;
/** The separator between the user's text and those of the project. */
const PROJECT_SEPARATOR = '\n\n--- project-doc ---\n\n';

const NESTED_FILES_NOTE = `## AGENTS.md files further down
Folders below the current one may hold AGENTS.md files of their own. Before you work in a folder, look for one there and in the folders between: it counts for everything below it, and where two disagree the deeper one wins. What the user says wins over all of them.`;

export type InstructionsConfig = Pick<
  EffectiveConfig,
  | 'codexHome'
  | 'cwd'
  | 'features'
  | 'isProjectTrusted'
  | 'projectDocMaxBytes'
  | 'projectDocFallbackFilenames'
  | 'stateFolders'
>;

/** Files that cannot be read count as missing. */
export async function loadUserInstructions(
  config: InstructionsConfig,
  skills: readonly AnnouncedSkill[],
): Promise<string | null> {
  const [own, project] = await Promise.all([globalText(config), projectText(config)]);
  const files = [own, project].filter((text) => text !== null);
  const sections = [
    files.length === 0 ? null : files.join(PROJECT_SEPARATOR),
    skillsSection(skills),
    config.features.child_agents_md ? NESTED_FILES_NOTE : null,
  ].filter((text) => text !== null);
  return sections.length === 0 ? null : sections.join('\n\n');
}

/** The first text that is not blank. */
async function globalText({ codexHome, stateFolders }: InstructionsConfig): Promise<string | null> {
  const bounds = { within: null, stateFolders };
  for (const name of [OVERRIDE_FILE, FILE]) {
    const text = (await beginningOf(join(codexHome, name), MAX_GLOBAL_BYTES, bounds))?.text.trim() ?? '';
    if (text !== '') return text;
  }
  return null;
}

/**
 * All files from the repository's root down to the cwd; the one that crosses the byte limit is cut there. Those of an untrusted
 * project are read only where they lie in it.
 */
async function projectText(config: InstructionsConfig): Promise<string | null> {
  if (config.projectDocMaxBytes === 0) return null;
  const cwd = await realpath(config.cwd).catch(() => config.cwd);
  const root = await ancestorWith(cwd, ['.git']);
  const bounds = { within: config.isProjectTrusted ? null : (root ?? cwd), stateFolders: config.stateFolders };
  const names = [OVERRIDE_FILE, FILE, ...config.projectDocFallbackFilenames.filter(isBelow)];
  const found = await Promise.all(foldersDown(root ?? cwd, cwd).map((folder) => firstFile(folder, names)));
  const texts: string[] = [];
  let leftBytes = Math.min(config.projectDocMaxBytes, MAX_DOC_BYTES);
  for (const path of found) {
    const beginning = path === null || leftBytes === 0 ? null : await beginningOf(path, leftBytes, bounds);
    if (beginning === null) continue;
    leftBytes -= beginning.sizeBytes;
    if (beginning.text.trim() !== '') texts.push(beginning.text);
  }
  return texts.length === 0 ? null : texts.join('\n\n');
}

async function firstFile(folder: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found?.isFile() === true) return path;
  }
  return null;
}

interface Beginning {
  readonly text: string;
  readonly sizeBytes: number;
}

/** Whether a name stays in its folder or below it. */
const isBelow = (name: string): boolean => !isAbsolute(name) && !name.split(/[\\/]/).includes('..');

/** At most `limitBytes` of a file, cut between characters; null when it cannot be read, or is no regular file. */
async function beginningOf(path: string, limitBytes: number, bounds: ReadBounds): Promise<Beginning | null> {
  try {
    await using file = await openBounded(path, bounds);
    const chunks: Buffer[] = [];
    for await (const chunk of file.createReadStream({ end: limitBytes, autoClose: false })) {
      chunks.push(Buffer.from(chunk));
    }
    const bytes = Buffer.concat(chunks);
    const kept = bytes.subarray(0, limitBytes);
    const end = bytes.length > limitBytes ? wholeLength(kept) : kept.length;
    return { text: kept.toString('utf8', 0, end), sizeBytes: kept.length };
  } catch {
    return null; // unreadable counts as missing
  }
}
