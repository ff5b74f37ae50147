/** Expressions on the left of an assignment. */
import type { Expression, Target } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { Fault } from './fault.ts';

/** Reads an expression as a target and binds the names in it. Throws Fault. */
export function toTarget(cursor: Cursor, expression: Expression): Target {
  switch (expression.kind) {
    case 'name':
      cursor.bind(expression.name);
      return expression;
    case 'index':
      return expression;
    case 'list':
    case 'tuple':
      if (expression.items.length === 0) break;
      return {
        kind: 'targets',
        items: expression.items.map((item) => toTarget(cursor, item)),
        span: expression.span,
      };
    default:
  }
  throw new Fault('nothing can be assigned to this', expression.span);
}
