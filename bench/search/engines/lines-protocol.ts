/** The lines between the bench and an engine that stays: a question each way in, an answer each way out. Pure. */

/** What is searched for; a newer question with the same token replaces this one. */
export interface Ask {
  readonly root: string;
  readonly query: string;
  readonly limit: number;
  readonly token: string | null;
}

/** Without `ask`, only a sign of life is wanted. */
export interface Question {
  readonly id: number;
  readonly ask: Ask | null;
}

export interface LineAnswer {
  readonly id: number;
  /** Relative to the root, best first. */
  readonly paths: readonly string[];
}

export const encodeQuestion = ({ id, ask }: Question): string => `${JSON.stringify({ id, ...ask })}\n`;

/** Throws for a line that is no question. */
export function decodeQuestion(line: string): Question {
  const message = objectOf(line);
  const id = Reflect.get(message, 'id');
  const [root, query, limit, token] = ['root', 'query', 'limit', 'token'].map((name) => Reflect.get(message, name));
  if (typeof id !== 'number') throw new Error(`no id in: ${line}`);
  if (query === undefined) return { id, ask: null };
  if (typeof root !== 'string' || typeof query !== 'string' || typeof limit !== 'number') {
    throw new Error(`root, query or limit missing in: ${line}`);
  }
  return { id, ask: { root, query, limit, token: typeof token === 'string' ? token : null } };
}

/** Throws for a line that is no answer. */
export function decodeAnswer(line: string): LineAnswer {
  const message = objectOf(line);
  const id: unknown = Reflect.get(message, 'id');
  const paths: unknown = Reflect.get(message, 'paths') ?? [];
  if (typeof id !== 'number' || !Array.isArray(paths)) throw new Error(`not an answer: ${line.slice(0, 200)}`);
  return { id, paths: paths.filter((path) => typeof path === 'string') };
}

function objectOf(line: string): object {
  const message: unknown = JSON.parse(line);
  if (typeof message !== 'object' || message === null) throw new Error(`not an object: ${line.slice(0, 200)}`);
  return message;
}
