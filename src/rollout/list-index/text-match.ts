/** Finds threads by what people remember of them: words of the name or the preview, not always spelled out. */
import { Fzf } from 'fzf';

/** Shorter words are found nearly everywhere unless they stand there as they are. */
const SHORTEST_FUZZY = 3;

export type TextMatcher = (texts: readonly string[]) => boolean;

/**
 * A matcher that wants every word of `term` in one of the texts, in any case; null for a term without words. A word is found
 * where it stands as it is, and where its letters stand so close together that the `fzf` package ranks them no lower than the
 * word as a part of a longer one. That keeps letters that are scattered over a long text from counting.
 */
export function textMatcher(term: string): TextMatcher | null {
  const words = term
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
  if (words.length === 0) return null;
  const finders = words.map(wordFinder);
  return (texts) => {
    const lowered = texts.map((text) => text.toLowerCase());
    return finders.every((isIn) => lowered.some(isIn));
  };
}

/** Takes texts in lower case. */
function wordFinder(word: string): (text: string) => boolean {
  const letters = [...word];
  const enough = letters.length < SHORTEST_FUZZY ? undefined : scoreIn(`x${word}`, word);
  if (enough === undefined) return (text) => text.includes(word);
  return (text) => text.includes(word) || (hasInOrder(text, letters) && (scoreIn(text, word) ?? 0) >= enough);
}

function scoreIn(text: string, word: string): number | undefined {
  return new Fzf([text], { selector: (each) => each, sort: false }).find(word)[0]?.score;
}

/** Rules most texts out before the package takes them apart. */
function hasInOrder(text: string, letters: readonly string[]): boolean {
  let from = 0;
  for (const letter of letters) {
    const at = text.indexOf(letter, from);
    if (at === -1) return false;
    from = at + letter.length;
  }
  return true;
}
