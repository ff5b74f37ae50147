/**
 * Splits text into units: the first code point of each extended grapheme cluster; a CR LF pair is one line feed.
 *
 * A letter may be composed or have separate combining marks, and the first code points then differ. So each cluster
 * has a second unit: that of its composed form (NFC). Both split the text at the same positions.
 */

/** Text in which every code point is a cluster of its own, so that the slow segmenter is not needed. */
const ONE_UNIT_PER_CODE_POINT =
  /^[\0-\x0c\x0e-\x7f\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205f\u3001-\u3029\u3031-\u3098\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff9d]*$/;

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/** Splits text into units. */
export class UnitSplitter {
  /** Slow to create, and few paths need it. */
  #segmenter: Intl.Segmenter | undefined;

  /** Calls `take` with each unit (a code point) in order, the UTF-16 offset of its cluster, and its composed unit. */
  split(text: string, take: (unit: number, offset: number, composed: number) => void): void {
    if (ONE_UNIT_PER_CODE_POINT.test(text)) {
      for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        take(unit, index, unit);
      }
      return;
    }
    this.#segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
    for (const { segment, index } of this.#segmenter.segment(text)) {
      const first = segment.codePointAt(0) ?? 0;
      const unit = first === CARRIAGE_RETURN && segment.length > 1 ? LINE_FEED : first;
      const isLetter = unit !== LINE_FEED && segment.length > 1;
      take(unit, index, isLetter ? (segment.normalize().codePointAt(0) ?? unit) : unit);
    }
  }
}

/** Whether every character is ASCII and a unit of its own, unlike a CR LF pair. */
export function isPlainAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) return false;
    if (code === CARRIAGE_RETURN && text.charCodeAt(index + 1) === LINE_FEED) return false;
  }
  return true;
}
