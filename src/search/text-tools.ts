/** Tools to read paths and queries, created once per thread: tables of units, and the segmentation of text. */
import { bonusOf } from './candidate.ts';
import { UnitTable } from './unit-table.ts';
import { UnitSplitter } from './units.ts';

const ASCII_COUNT = 128;

/** Tables that are filled lazily; not shared between threads. */
export class TextTools {
  readonly table = new UnitTable();
  readonly splitter = new UnitSplitter();
  /** Bonus of an ASCII unit by the previous one: at `previous << 7 | unit`. */
  readonly asciiBonuses: Uint8Array;

  constructor() {
    const classes = Array.from({ length: ASCII_COUNT }, (_, unit) => this.table.classOf(unit));
    this.asciiBonuses = new Uint8Array(ASCII_COUNT * ASCII_COUNT);
    const rows = new Map([...new Set(classes)].map((before) => [before, classes.map((unit) => bonusOf(before, unit))]));
    for (const [previous, before] of classes.entries()) this.asciiBonuses.set(rows.get(before) ?? [], previous << 7);
  }
}
