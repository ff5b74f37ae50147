/** Cuts text into units: the first code point of each extended grapheme cluster, a CR LF pair being one line feed. */

/** Text in which every code point is a cluster of its own, so that the slow segmenter is not needed. */
const ONE_UNIT_PER_CODE_POINT =
  /^[\0-\x0c\x0e-\x7f\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205f\u3001-\u3029\u3031-\u3098\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff9d]*$/;

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/** Splits text into units. */
export class UnitSplitter {
  /** Slow to make, and few paths need it. */
  #segmenter: Intl.Segmenter | undefined;

  /** Calls `take` with each unit (a code point) in order, and with the UTF-16 offset where its cluster starts. */
  split(text: string, take: (unit: number, offset: number) => void): void {
    if (ONE_UNIT_PER_CODE_POINT.test(text)) {
      for (let index = 0; index < text.length; index++) take(text.charCodeAt(index), index);
      return;
    }
    this.#segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
    for (const { segment, index } of this.#segmenter.segment(text)) {
      const first = segment.codePointAt(0) ?? 0;
      take(first === CARRIAGE_RETURN && segment.length > 1 ? LINE_FEED : first, index);
    }
  }
}

/** Whether every character is ASCII and a unit of its own, which a CR LF pair is not. */
export function isPlainAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) return false;
    if (code === CARRIAGE_RETURN && text.charCodeAt(index + 1) === LINE_FEED) return false;
  }
  return true;
}
