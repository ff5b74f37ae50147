/** The basic changes of a document. Each one changes what was asked for and nothing else. */
import { withoutEnd } from '../../base/trimming.ts';
import { isTable, type TomlTable, type TomlValue } from '../toml.ts';
import { parseDocument, type TomlDocument, type TomlEntry, type TomlSection } from './document.ts';
import { isListOfTables, renderItems, renderKeys, renderSections, renderValue, type SectionStyle } from './render.ts';
import { type DocumentNode, partsOf, type TableNode } from './tree.ts';

/** A key that a table does not have yet. `lists` says how to write lists of tables in it. */
export interface Addition {
  readonly key: string;
  readonly value: TomlValue;
  readonly lists: SectionStyle['lists'];
}

export function addKey(document: TomlDocument, table: TableNode, { key, value, lists }: Addition): void {
  const keys = [...table.keys, key];
  if (table.dotted !== null) addDotted(table, { key, value });
  else if (isTable(value)) {
    insertSections(document, endOf(document, table), renderSections(keys, value, { isItem: false, lists }));
  } else if (lists === 'sections' && isListOfTables(value)) {
    insertSections(document, endOf(document, table), renderItems(keys, value));
  } else if (table.header !== null) {
    insertEntry(table.header, table.header.entries.length, newEntry([key], value));
  } else {
    const texts = renderSections(table.keys, { [key]: value }, { isItem: false, lists: 'inline' });
    insertSections(document, startOf(document, table), texts);
  }
}

/** Inserts an item before the one at `index`, or after the last. */
export function insertItem(document: TomlDocument, items: readonly TableNode[], index: number, value: TomlTable): void {
  const [next, last] = [items[index], items.at(-1)];
  if (last === undefined) return;
  const at = next === undefined ? endOf(document, last) : startOf(document, next);
  insertSections(document, at, renderItems(last.keys, [value]));
}

/** Removes everything that defines a node, and the comments directly before and beside it. */
export function removeNode(document: TomlDocument, node: DocumentNode): void {
  const { sections, entries } = partsOf(node);
  let kept = '';
  const take = (part: TomlEntry | TomlSection, isGone: boolean): boolean => {
    if (isGone) kept += detached(part.prefix);
    else if (kept !== '') {
      part.prefix = kept + part.prefix;
      kept = '';
    }
    return !isGone;
  };
  const left = document.sections.filter((section) => {
    const isGone = sections.has(section);
    const stays = take(section, isGone);
    if (!isGone) replaceAll(section.entries, (entry) => take(entry, entries.has(entry)));
    return stays;
  });
  document.sections.splice(0, document.sections.length, ...left);
  document.trailing = kept + document.trailing;
}

/** Comments separated by a blank line from what follows them stay. */
function detached(prefix: string): string {
  const lines = prefix.split('\n');
  const blank = lines.findLastIndex((line, index) => index < lines.length - 1 && line.trim() === '');
  const before = lines.slice(0, Math.max(blank, 0)).join('\n');
  return before.includes('#') ? `${before}\n\n` : '';
}

function replaceAll(entries: TomlEntry[], stays: (entry: TomlEntry) => boolean): void {
  const left = entries.filter(stays);
  entries.splice(0, entries.length, ...left);
}

function addDotted(table: TableNode, { key, value }: { key: string; value: TomlValue }): void {
  if (table.dotted === null) return;
  const { section, keys } = table.dotted;
  const { entries } = partsOf(table);
  const last = section.entries.findLastIndex((entry) => entries.has(entry));
  insertEntry(section, last + 1, newEntry([...keys, key], value));
}

const newEntry = (keys: readonly string[], value: TomlValue): TomlEntry => ({
  prefix: '',
  key: `${renderKeys(keys)} `,
  keys,
  gap: ' ',
  value: renderValue(value),
  suffix: '\n',
});

/** With the indentation of the previous entry. */
function insertEntry(section: TomlSection, index: number, entry: TomlEntry): void {
  const before = section.entries[index - 1]?.prefix ?? '';
  const indent = before.slice(withoutEnd(before, ' \t').length);
  section.entries.splice(index, 0, { ...entry, prefix: indent });
}

/** Index of the first section of a table's definition. */
function startOf(document: TomlDocument, table: TableNode): number {
  const { sections } = partsOf(table);
  return document.sections.findIndex((section) => sections.has(section));
}

/** Index after the last section of a table's definition; after all sections for the whole document. */
function endOf(document: TomlDocument, table: TableNode): number {
  const { sections } = partsOf(table);
  return document.sections.findLastIndex((section) => sections.has(section)) + 1;
}

/** With a blank line before each, except at the start of the text. */
function insertSections(document: TomlDocument, index: number, texts: readonly string[]): void {
  const added = texts.flatMap((text) => parseDocument(text).sections.slice(1));
  const isFirst = document.sections.slice(0, index).every(({ head, entries }) => head === '' && entries.length === 0);
  for (const [at, section] of added.entries()) if (at > 0 || !isFirst) section.prefix = '\n';
  document.sections.splice(index, 0, ...added);
}
