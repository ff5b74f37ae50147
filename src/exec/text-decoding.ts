// Decodes a command's output. UTF-8 unless it is clearly in a legacy encoding; never fails.

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A sample is enough, and keeps a megabyte of binary output cheap. */
const SAMPLE_BYTES = 65_536;

/** Minimum share of plausible characters for a guess; below it the bytes are decoded as broken UTF-8. */
const MIN_PLAUSIBLE = 0.6;

/** UTF-8; if invalid, the most plausible legacy code page; if none is, UTF-8 with replacement characters. */
export function decodeOutput(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    // Not valid UTF-8: see below.
  }
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const encoding = sample.includes(0) || isDamagedUtf8(sample) ? undefined : guessEncoding(sample);
  if (encoding === undefined) return bytes.toString('utf8');
  return encoding === WESTERN ? decodeWestern(bytes) : new TextDecoder(encoding).decode(bytes);
}

const WESTERN = 'windows-1252';

/** Bytes 0x80 to 0x9f of windows-1252, which TextDecoder decodes as control characters on Node 20. */
const WESTERN_EXTRAS = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

const decodeWestern = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/[\x80-\x9f]/g, (char) => WESTERN_EXTRAS.charAt(char.charCodeAt(0) - 0x80));

/** Whether the bytes look like truncated or mixed UTF-8: at least as many good or partial sequences as bad bytes. */
function isDamagedUtf8(bytes: Buffer): boolean {
  let good = 0;
  let bad = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) continue;
    const expected = byte >= 0xf0 && byte < 0xf5 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc2 ? 1 : 0;
    let found = 0;
    while (found < expected && ((bytes[at + found + 1] ?? 0) & 0xc0) === 0x80) found += 1;
    const isCutOff = expected > 0 && at + found + 1 === bytes.length;
    if (byte < 0xf5 && (found > 0 || isCutOff)) good += 1;
    else bad += 1;
    at += found;
  }
  return good >= bad;
}

function guessEncoding(bytes: Buffer): string | undefined {
  // Accented Latin letters are isolated among ASCII ones; other scripts come in runs.
  if (mostlyAlone(bytes)) return WESTERN;
  let best: string | undefined;
  let bestScore = MIN_PLAUSIBLE;
  for (const [encoding, weigh] of CANDIDATES) {
    const score = plausibility(new TextDecoder(encoding).decode(bytes), weigh);
    if (score > bestScore) {
      best = encoding;
      bestScore = score;
    }
  }
  return best;
}

function mostlyAlone(bytes: Buffer): boolean {
  let alone = 0;
  let inRuns = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if ((bytes[at] ?? 0) < 0x80) continue;
    if ((bytes[at - 1] ?? 0) < 0x80 && (bytes[at + 1] ?? 0) < 0x80) alone += 1;
    else inRuns += 1;
  }
  return alone > inRuns;
}

type Weigh = (codePoint: number) => number;

const within = (code: number, first: number, last: number): boolean => code >= first && code <= last;

const isIdeograph = (code: number): boolean => within(code, 0x4e00, 0x9fff);
const isKana = (code: number): boolean => within(code, 0x3041, 0x30ff);
const isHangul = (code: number): boolean => within(code, 0xac00, 0xd7a3);
const isWidePunctuation = (code: number): boolean => within(code, 0x3000, 0x3011) || within(code, 0xff01, 0xff5e);

// Running text is mostly lower case. The Cyrillic code pages disagree on where that is, which tells them apart.
const cyrillic: Weigh = (code) => {
  if (within(code, 0x430, 0x44f) || code === 0x451) return 1;
  return within(code, 0x410, 0x42f) || code === 0x401 ? 0.4 : 0;
};
const japanese: Weigh = (code) => (isKana(code) || isWidePunctuation(code) ? 1 : isIdeograph(code) ? 0.7 : 0);
const chinese: Weigh = (code) => (isIdeograph(code) || isWidePunctuation(code) ? 0.8 : 0);
const korean: Weigh = (code) => (isHangul(code) ? 0.85 : isWidePunctuation(code) ? 0.8 : 0);

const CANDIDATES: readonly (readonly [encoding: string, weigh: Weigh])[] = [
  ['windows-1251', cyrillic],
  ['ibm866', cyrillic],
  ['koi8-r', cyrillic],
  ['gb18030', chinese],
  ['shift_jis', japanese],
  ['euc-jp', japanese],
  ['euc-kr', korean],
  ['big5', chinese],
];

/** The mean weight of the non-ASCII characters. */
function plausibility(text: string, weigh: Weigh): number {
  let sum = 0;
  let count = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x80) continue;
    sum += weigh(code);
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}
