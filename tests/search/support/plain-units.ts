/** Units, classes and bonuses of the scoring rules, worked out anew at every call. */

const EXCEPTIONS =
  '00A1:! 00BA:0 00BF:? 00D0:D 00D8:O 00DF:s 00F0:d 00F8:o 0110:Dd 0126:Hh 0131:i 013F:LlLl 0149:nNn 0166:Tt 0180:bBbbb 0186:OCcDDdd 018E:EeEFfG 0195:hII 0199:kl 019C:MNnO 01A4:PpRSs 01AA:ltTtT 01B2:VYyZz 01C3:! 01DD:e 01E2:ÆæGg 01FC:ÆæOo 0220:Nd 0224:Zz 0234:lntj 023A:ACcLTsz 0243:BUVEeJjQqRrYyaaabccddeeeeeeejggGguhhhiiIlll 026F:mmmnnNo 0279:rrrrrrrRRs 0287:ttu 028B:vvwyYzz 0297:c 0299:BeGHjkL 1E0B:e 1E23:g 1E25:g 1E27:g 1E29:g 1E89:j 1E9A:aiff 2079:0 207B:- 208B:- 2094:e';

export const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text) && !text.includes('\r\n');

export function unitsOf(text: string, composed = false): string[] {
  return [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => {
    if (segment === '\r\n') return '\n';
    const letter = composed && segment.length > 1 ? segment.normalize() : segment;
    return String.fromCodePoint(letter.codePointAt(0) ?? 0);
  });
}

export function fold(unit: string): string {
  if (/^[\u13a0-\u13f5]$/.test(unit)) return unit;
  if (/^[\u13f8-\u13fd\uab70-\uabbf]$/.test(unit)) return unit.toUpperCase();
  const lower = unit.toLowerCase();
  const viaUpper = unit.toUpperCase().toLowerCase();
  const folded = lower !== unit ? lower : viaUpper;
  if ([...folded].length !== 1) return unit;
  return new RegExp(`^${folded.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')}$`, 'iu').test(unit) ? folded : unit;
}

export function baseLetter(unit: string): string {
  const code = unit.codePointAt(0) ?? 0;
  const ranges = [
    [0xa0, 0x29f],
    [0x1e00, 0x1eff],
    [0x2070, 0x209f],
  ];
  if (!ranges.some(([from = 0, to = 0]) => code >= from && code <= to)) return unit;
  for (const entry of EXCEPTIONS.split(' ')) {
    const target = entry.slice(5)[code - Number.parseInt(entry.slice(0, 4), 16)];
    if (target !== undefined && target !== '') return target;
  }
  const bare = unit.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  return /^[ -~]$/.test(bare) ? bare : unit;
}

export type Class = 'lower' | 'upper' | 'number' | 'letter' | 'white' | 'delimiter' | 'nonword';

export function classOf(unit: string): Class {
  if (/^[a-z]$/.test(unit)) return 'lower';
  if (/^[A-Z]$/.test(unit)) return 'upper';
  if (/^[0-9]$/.test(unit)) return 'number';
  if (unit === '/') return 'delimiter';
  if (/^[ \t\n\f\r]$/.test(unit)) return 'white';
  if (isAscii(unit)) return 'nonword';
  if (/^\p{Lowercase}$/u.test(unit)) return 'lower';
  if (fold(unit) !== unit) return 'upper';
  if (/^\p{N}$/u.test(unit)) return 'number';
  if (/^\p{Alphabetic}$/u.test(unit)) return 'letter';
  return /^\p{White_Space}$/u.test(unit) ? 'white' : 'nonword';
}

export function bonusOf(previous: Class, current: Class): number {
  const isWord = ['lower', 'upper', 'letter', 'number'].includes(current);
  if (isWord && previous === 'delimiter') return 9;
  if (isWord && (previous === 'white' || previous === 'nonword')) return 8;
  if ((previous === 'lower' && current === 'upper') || (previous !== 'number' && current === 'number')) return 5;
  return current === 'white' || current === 'nonword' ? 8 : 0;
}
