/** The variables of a scope and of those around it. */
import { Fault } from './fault.ts';
import type { Value } from './values.ts';

export class Environment {
  readonly #values: Map<string, Value | undefined>;
  readonly #outer: Environment | null;

  /** `values` holds every name of the scope, undefined while it has no value. */
  constructor(values: Map<string, Value | undefined>, outer: Environment | null) {
    this.#values = values;
    this.#outer = outer;
  }

  inner(values: Map<string, Value | undefined>): Environment {
    return new Environment(values, this);
  }

  /** Throws Fault when the name has no value yet. */
  read(name: string): Value {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    if (this.#values.has(name)) throw new Fault(`Variable \`${name}\` used before it has a value`);
    if (this.#outer === null) throw new Fault(`Variable \`${name}\` not found`);
    return this.#outer.read(name);
  }

  write(name: string, value: Value): void {
    this.#values.set(name, value);
  }
}
