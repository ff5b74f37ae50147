/** The tables and lists of tables that a document defines, and where each is written. */
import type { TomlDocument, TomlEntry, TomlSection } from './document.ts';

interface ValueNode {
  readonly kind: 'value';
  readonly section: TomlSection;
  readonly entry: TomlEntry;
}

export interface TableNode {
  readonly kind: 'table';
  readonly keys: readonly string[];
  readonly members: Map<string, DocumentNode>;
  /** The section that opens it; null for tables that are only implied by other keys. */
  header: TomlSection | null;
  /** Where dotted keys define it: the section, and their prefix. */
  dotted: { readonly section: TomlSection; readonly keys: readonly string[] } | null;
}

export interface ListNode {
  readonly kind: 'list';
  readonly keys: readonly string[];
  readonly items: TableNode[];
}

export type DocumentNode = ValueNode | TableNode | ListNode;

/** Throws for a document that the parser would reject. */
export function treeOf(document: TomlDocument): TableNode {
  const [first, ...others] = document.sections;
  const root = tableNode([], first ?? null);
  if (first !== undefined) addEntries(root, first);
  for (const section of others) addEntries(openTable(root, section), section);
  return root;
}

const tableNode = (keys: readonly string[], header: TomlSection | null): TableNode => ({
  kind: 'table',
  keys,
  members: new Map(),
  header,
  dotted: null,
});

function openTable(root: TableNode, section: TomlSection): TableNode {
  const key = section.keys.at(-1) ?? '';
  const parent = section.keys.slice(0, -1).reduce(enter, root);
  if (!section.isItem) {
    const table = enter(parent, key);
    table.header = section;
    return table;
  }
  const present = parent.members.get(key);
  const list: ListNode = present?.kind === 'list' ? present : { kind: 'list', keys: section.keys, items: [] };
  const item = tableNode(section.keys, section);
  list.items.push(item);
  parent.members.set(key, list);
  return item;
}

function addEntries(table: TableNode, section: TomlSection): void {
  for (const entry of section.entries) {
    let parent = table;
    for (const [index, key] of entry.keys.slice(0, -1).entries()) {
      parent = enter(parent, key);
      parent.dotted ??= { section, keys: entry.keys.slice(0, index + 1) };
    }
    parent.members.set(entry.keys.at(-1) ?? '', { kind: 'value', section, entry });
  }
}

/** A path leads through the latest item of a list. */
function enter(parent: TableNode, key: string): TableNode {
  const present = parent.members.get(key);
  if (present?.kind === 'value') throw new Error(`a table is defined below the value of ${key}`);
  const table = present?.kind === 'list' ? present.items.at(-1) : present;
  if (table !== undefined) return table;
  const created = tableNode([...parent.keys, key], null);
  parent.members.set(key, created);
  return created;
}

/** All sections and entries that define a node, without the entries of those sections. */
export function partsOf(node: DocumentNode): { readonly sections: Set<TomlSection>; readonly entries: Set<TomlEntry> } {
  const sections = new Set<TomlSection>();
  const entries = new Set<TomlEntry>();
  const visit = (at: DocumentNode): void => {
    if (at.kind === 'value') {
      if (!sections.has(at.section)) entries.add(at.entry);
      return;
    }
    if (at.kind === 'table' && at.header !== null) sections.add(at.header);
    for (const inner of at.kind === 'table' ? at.members.values() : at.items) visit(inner);
  };
  visit(node);
  return { sections, entries };
}
