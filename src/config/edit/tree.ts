/** What the pieces of a document define: the tables and lists of tables, and where each is written. */
import type { Document, Entry, Section } from './document.ts';

interface ValueNode {
  readonly kind: 'value';
  readonly section: Section;
  readonly entry: Entry;
}

export interface TableNode {
  readonly kind: 'table';
  readonly keys: readonly string[];
  readonly members: Map<string, Node>;
  /** The section that opens it; null for tables that only other keys imply. */
  header: Section | null;
  /** Where dotted keys define it: the section, and what they begin with. */
  dotted: { readonly section: Section; readonly keys: readonly string[] } | null;
}

export interface ListNode {
  readonly kind: 'list';
  readonly keys: readonly string[];
  readonly items: TableNode[];
}

export type Node = ValueNode | TableNode | ListNode;

/** Throws for a document that the parser would not have taken. */
export function treeOf(document: Document): TableNode {
  const [first, ...others] = document.sections;
  const root = tableNode([], first ?? null);
  if (first !== undefined) addEntries(root, first);
  for (const section of others) addEntries(openTable(root, section), section);
  return root;
}

const tableNode = (keys: readonly string[], header: Section | null): TableNode => ({
  kind: 'table',
  keys,
  members: new Map(),
  header,
  dotted: null,
});

function openTable(root: TableNode, section: Section): TableNode {
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

function addEntries(table: TableNode, section: Section): void {
  for (const entry of section.entries) {
    let parent = table;
    for (const [index, key] of entry.keys.slice(0, -1).entries()) {
      parent = enter(parent, key);
      parent.dotted ??= { section, keys: entry.keys.slice(0, index + 1) };
    }
    parent.members.set(entry.keys.at(-1) ?? '', { kind: 'value', section, entry });
  }
}

/** A path goes through the latest item of a list. */
function enter(parent: TableNode, key: string): TableNode {
  const present = parent.members.get(key);
  if (present?.kind === 'value') throw new Error(`a table is defined below the value of ${key}`);
  const table = present?.kind === 'list' ? present.items.at(-1) : present;
  if (table !== undefined) return table;
  const created = tableNode([...parent.keys, key], null);
  parent.members.set(key, created);
  return created;
}

/** All sections and entries that define a node. Entries of those sections are not listed. */
export function partsOf(node: Node): { readonly sections: Set<Section>; readonly entries: Set<Entry> } {
  const sections = new Set<Section>();
  const entries = new Set<Entry>();
  const visit = (at: Node): void => {
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
