/**
 * The types of the project's source, asked of the compiler. In: nothing. Out: every switch and every look-up in a table, with the
 * values that its subject can have. The compiler's interface is young (`unstable`), so nothing else uses it.
 */
import { join } from 'node:path';
import {
  isCaseClause,
  isElementAccessExpression,
  isIdentifier,
  isSwitchStatement,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast';
import { API, type Checker, type Type, TypeFlags } from 'typescript/unstable/sync';
import { projectRoot } from './project.ts';

/** A closed subject has one of a few values, each of its own type; `string` and `unknown` are open. */
interface Subject {
  readonly path: string;
  readonly line: number;
  readonly text: string;
  /** Each value as the compiler writes it; null when the subject is open. */
  readonly values: readonly string[] | null;
}

export interface SwitchFound extends Subject {
  readonly hasDefault: boolean;
  /** In the same form as the values. */
  readonly cases: readonly string[];
}

/** A member of a constant that is reached by a name in brackets. */
export interface LookUpFound extends Subject {
  /** Whether the constant's type has a member for any string. */
  readonly takesAnyKey: boolean;
}

export interface TypedSource {
  readonly switches: readonly SwitchFound[];
  readonly lookUps: readonly LookUpFound[];
}

const CONSTANT = /^[A-Z][A-Z0-9_]+$/;
const UNIT = TypeFlags.Literal | TypeFlags.Null | TypeFlags.Undefined;

/** Reads the files of the project (`tsconfig.json` in `root`) whose path begins with one of the folders. */
export function readTypes(folders: readonly string[], root = projectRoot()): TypedSource {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] }).getProjects();
    if (project === undefined) throw new Error(`no project in ${root}`);
    const { program, checker } = project;
    const found: { switches: SwitchFound[]; lookUps: LookUpFound[] } = { switches: [], lookUps: [] };
    for (const name of program.getSourceFileNames()) {
      const file = folders.some((folder) => name.startsWith(`${root}/${folder}/`)) && program.getSourceFile(name);
      if (file) readFile(file, { path: name.slice(root.length + 1), checker, ...found });
    }
    return found;
  } finally {
    api.close();
  }
}

interface Reading {
  readonly path: string;
  readonly checker: Checker;
  readonly switches: SwitchFound[];
  readonly lookUps: LookUpFound[];
}

function readFile(file: SourceFile, { path, checker, switches, lookUps }: Reading): void {
  const subject = (node: Node): Subject => ({
    path,
    line: file.text.slice(0, node.end).split('\n').length,
    text: file.text.slice(node.pos, node.end).trim(),
    values: valuesOf(checker, node),
  });
  const visit = (node: Node): void => {
    if (isSwitchStatement(node)) {
      const { clauses } = node.caseBlock;
      const cases = clauses.filter(isCaseClause).flatMap(({ expression }) => valuesOf(checker, expression) ?? []);
      switches.push({ ...subject(node.expression), hasDefault: !clauses.every(isCaseClause), cases });
    }
    if (isElementAccessExpression(node) && isIdentifier(node.expression) && CONSTANT.test(node.expression.text)) {
      const table = checker.getTypeAtLocation(node.expression);
      const takesAnyKey = table !== undefined && checker.getIndexInfosOfType(table).length > 0;
      lookUps.push({ ...subject(node.argumentExpression), takesAnyKey });
    }
    node.forEachChild(visit);
  };
  file.forEachChild(visit);
}

function valuesOf(checker: Checker, node: Node): string[] | null {
  const type = checker.getTypeAtLocation(node);
  const members: readonly (Type | undefined)[] = type?.isUnionType() ? type.getTypes() : [type];
  const values = members.map((each) => (each !== undefined && each.flags & UNIT ? checker.typeToString(each) : null));
  return values.some((value) => value === null) ? null : values.filter((value) => value !== null);
}
