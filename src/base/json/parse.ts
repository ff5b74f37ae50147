/** Where JSON text from outside becomes a value. In: text that was decoded from UTF-8. Out: a value of unknown shape, for `schema.ts`. Pure. */
import { mayHoldHalves, wellFormed } from '../well-formed.ts';

/** With whole text: halves of surrogate pairs are replaced. Throws SyntaxError for what is not JSON, at any depth. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return mayHoldHalves(text) ? wellFormed(value) : value;
}

/** The same; undefined for what is not JSON. */
export const jsonIn = (text: string): unknown => valueOr(text, parseJson);

/** The value as it was sent, halves of surrogate pairs included; undefined for what is not JSON. */
export const rawJsonIn = (text: string): unknown => valueOr(text, JSON.parse);

function valueOr(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch {
    return undefined; // no JSON value is undefined, so no schema that requires one accepts it
  }
}
