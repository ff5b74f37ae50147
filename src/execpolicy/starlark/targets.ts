/** Expressions on the left of an assignment. */
import type { Expression, Target } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { Fault } from './fault.ts';

/** Reads an expression as a target and binds the names in it. Throws Fault. */
export function toTarget(cursor: Cursor, expression: Expression): Target {
  const { kind, span } = expression;
  if (kind === 'name') cursor.bind(expression.name);
  if (kind === 'name' || kind === 'index') return expression;
  if ((kind === 'list' || kind === 'tuple') && expression.items.length > 0) {
    return { kind: 'targets', items: expression.items.map((item) => toTarget(cursor, item)), span };
  }
  throw new Fault('nothing can be assigned to this', expression.span);
}
