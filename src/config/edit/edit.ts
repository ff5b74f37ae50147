/**
 * Edits the text of a configuration file. In: the text, and its new values. Out: the text with only that changed:
 * comments, order and layout of everything else stay. Pure; every change is verified by parsing the result.
 */
import { TomlDate } from 'smol-toml';
import { cloneValue, emptyTable, isTable, readToml, type TomlTable, type TomlValue } from '../toml.ts';
import { addKey, insertItem, removeNode } from './change.ts';
import { parseDocument, printDocument, type TomlDocument } from './document.ts';
import { isListOfTables, renderValue } from './render.ts';
import { type DocumentNode, type ListNode, type TableNode, treeOf } from './tree.ts';

/** Keys, and indexes of lists. */
export type TomlPath = readonly (string | number)[];

/**
 * `set` creates missing tables and lists on the path, and replaces other values there. An index after the end of a
 * list appends. `remove` of a missing value does nothing.
 */
export type TomlEdit =
  | { readonly kind: 'set'; readonly path: TomlPath; readonly value: TomlValue }
  | { readonly kind: 'remove'; readonly path: TomlPath };

/** The text does not parse, or cannot be edited without a loss. Nothing was changed. */
export class TomlEditError extends Error {}

/**
 * The text after all edits, in their order; the same text if none of them changes a value. Line ends become `\n`. New
 * tables get a section. Lists of tables get one per item if the path of the edit names an item; otherwise they are
 * written inline. Throws TomlEditError.
 */
export function editToml(text: string, edits: readonly TomlEdit[]): string {
  let current = text;
  for (const edit of edits) {
    const target = read(withoutReturns(current));
    applyEdit(target, edit);
    current = rewriteToml(current, target, { newLists: typeof edit.path.at(-1) === 'number' ? 'sections' : 'inline' });
  }
  return current;
}

export interface RewriteOptions {
  /** How to write a new list of tables. */
  readonly newLists: 'inline' | 'sections';
}

/** The text whose value is `target`, as close to the given text as possible. Throws TomlEditError. */
export function rewriteToml(text: string, target: TomlTable, options: RewriteOptions = { newLists: 'inline' }): string {
  const start = withoutReturns(text);
  if (sameValue(read(start), target)) return text;
  const document = parseDocument(start);
  // Every change makes one value final, or removes one that is in its place.
  for (let left = 2 * (countValues(read(start)) + countValues(target)) + 2; left > 0; left -= 1) {
    const printed = printDocument(document);
    const values = read(printed);
    if (sameValue(values, target)) return printed;
    changeTable({ document, options }, treeOf(document), { values, target });
  }
  throw new TomlEditError('the edit cannot be written');
}

const withoutReturns = (text: string): string => text.replaceAll('\r\n', '\n');

function read(text: string): TomlTable {
  const result = readToml(text);
  if (result.ok) return result.table;
  const { line, column } = result.fault.range.start;
  throw new TomlEditError(`line ${line}, column ${column}: ${result.fault.reason}`);
}

interface Difference {
  readonly document: TomlDocument;
  readonly options: RewriteOptions;
}

interface Pair<T> {
  readonly values: T;
  readonly target: T;
}

/** Brings a table one change closer to its target. Removals come last, so that a table does not vanish in between. */
function changeTable(difference: Difference, table: TableNode, { values, target }: Pair<TomlTable>): void {
  const changed = Object.entries(target).find(([key, wanted]) => !sameItem(values[key], wanted));
  if (changed === undefined) {
    const surplus = Object.keys(values).find((key) => !(key in target));
    removeNode(difference.document, nodeOf(table, surplus ?? ''));
    return;
  }
  const [key, wanted] = changed;
  const present = values[key];
  if (present !== undefined) changeMember(difference, nodeOf(table, key), { present, wanted });
  else addKey(difference.document, table, { key, value: wanted, lists: difference.options.newLists });
}

function nodeOf(table: TableNode, key: string): DocumentNode {
  const node = table.members.get(key);
  if (node === undefined) throw new TomlEditError(`${key} cannot be found in the text`);
  return node;
}

/** Removes a value that cannot be changed in place; the next change adds it again. */
function changeMember(
  difference: Difference,
  node: DocumentNode,
  { present, wanted }: { readonly present: TomlValue; readonly wanted: TomlValue },
): void {
  if (node.kind === 'value' && staysValue(difference.options, { present, wanted })) {
    node.entry.value = renderValue(wanted);
  } else if (node.kind === 'table' && isTable(present) && isTable(wanted) && canStay(node, wanted)) {
    changeTable(difference, node, { values: present, target: wanted });
  } else if (node.kind === 'list' && isListOfTables(present) && isListOfTables(wanted)) {
    changeList(difference, node, { values: present, target: wanted });
  } else {
    removeNode(difference.document, node);
  }
}

/** New tables and lists get sections; what was written inline stays inline. */
function staysValue(
  { newLists }: RewriteOptions,
  { present, wanted }: { readonly present: TomlValue; readonly wanted: TomlValue },
): boolean {
  const getsSections = isTable(wanted) || (newLists === 'sections' && isListOfTables(wanted));
  return !getsSections || isTable(present) || (Array.isArray(present) && present.length > 0);
}

/** A table without a header exists only as long as it has entries. */
const canStay = (node: TableNode, wanted: TomlTable): boolean => node.header !== null || Object.keys(wanted).length > 0;

/** Keeps equal items at the start and at the end; changes, removes or adds those in between. */
function changeList(difference: Difference, list: ListNode, { values, target }: Pair<TomlTable[]>): void {
  const shorter = Math.min(values.length, target.length);
  let first = 0;
  while (first < shorter && sameItem(values[first], target[first])) first += 1;
  let last = 0;
  while (last < shorter - first && sameItem(values.at(-1 - last), target.at(-1 - last))) last += 1;

  const [item, present, wanted] = [list.items[first], values[first], target[first]];
  if (values.length - last === first) {
    if (wanted !== undefined) insertItem(difference.document, list.items, first, wanted);
  } else if (item !== undefined && present !== undefined) {
    if (target.length - last === first || wanted === undefined) removeNode(difference.document, item);
    else changeTable(difference, item, { values: present, target: wanted });
  }
}

const sameItem = (a: TomlValue | undefined, b: TomlValue | undefined): boolean =>
  a !== undefined && b !== undefined && sameValue(a, b);

/** Whether two values are equal; the order of keys does not matter. */
export function sameValue(a: TomlValue, b: TomlValue): boolean {
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameItem(item, b[index]));
  }
  if (a instanceof TomlDate) return b instanceof TomlDate && a.toISOString() === b.toISOString();
  if (!isTable(a)) return Object.is(a, b);
  if (!isTable(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => sameItem(a[key], b[key]));
}

function countValues(value: TomlValue): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countValues(item), 1);
  return isTable(value) ? Object.values(value).reduce<number>((sum, item) => sum + countValues(item), 1) : 1;
}

/** Applies one edit to a value, in place. */
export function applyEdit(root: TomlTable, edit: TomlEdit): void {
  const path = [...edit.path];
  const last = path.pop();
  if (last === undefined) throw new TomlEditError('the path of an edit must not be empty');
  let holder: TomlValue = root;
  for (const [index, key] of path.entries()) {
    const inner: TomlValue | undefined = memberOf(holder, key);
    const fits = typeof (path[index + 1] ?? last) === 'number' ? Array.isArray(inner) : isTable(inner);
    if (fits && inner !== undefined) {
      holder = inner;
    } else {
      if (edit.kind === 'remove') return;
      const created: TomlValue = typeof (path[index + 1] ?? last) === 'number' ? [] : emptyTable();
      setMember(holder, key, created);
      holder = created;
    }
  }
  if (edit.kind === 'set') setMember(holder, last, cloneValue(edit.value));
  else removeMember(holder, last);
}

const memberOf = (holder: TomlValue, key: string | number): TomlValue | undefined => {
  if (Array.isArray(holder)) return typeof key === 'number' ? holder[key] : undefined;
  return isTable(holder) ? holder[String(key)] : undefined;
};

function setMember(holder: TomlValue, key: string | number, value: TomlValue): void {
  if (isTable(holder)) holder[String(key)] = value;
  else if (Array.isArray(holder) && typeof key === 'number') holder[Math.min(key, holder.length)] = value;
}

function removeMember(holder: TomlValue, key: string | number): void {
  if (isTable(holder)) delete holder[String(key)];
  else if (Array.isArray(holder) && typeof key === 'number') holder.splice(key, 1);
}
