/** Computes the rules that apply in folders whose own rules are known, once each. Lives for one round of reading. */

import type { FolderNode } from './folder-node.ts';
import { withRules } from './folder-rules.ts';
import { FolderRules } from './ignore.ts';

export class RulesOfFolders {
  /** Rules that apply in the root before its own. */
  readonly #above: FolderRules;
  readonly #known = new Map<FolderNode, FolderRules>();

  constructor(above: FolderRules | undefined) {
    this.#above = above ?? FolderRules.none;
  }

  /** Rules that apply in a folder before its own. */
  inheritedBy({ parent, name }: FolderNode): FolderRules {
    return parent === undefined ? this.#above : this.#of(parent).enter(name);
  }

  /** Sets the rules for a folder's entries. */
  set(node: FolderNode, rules: FolderRules): void {
    this.#known.set(node, rules);
  }

  #of(node: FolderNode): FolderRules {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const rules = withRules(this.inheritedBy(node), node.ownRules);
    this.#known.set(node, rules);
    return rules;
  }
}
