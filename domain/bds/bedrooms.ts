import { foldWords } from "./fold.ts";

const LARGEST = 1000;

/**
 * Bedrooms as a number: `2 phòng`, `3 PN`, `2.0`; `2PN+1` is 2 (the "+1" is no bedroom). Null for a bound ("nhiều hơn 10
 * phòng"), a range, a studio, or no number: those say how many only roughly or not at all.
 */
export function parseBedrooms(text: string): number | null {
  const number = /^\s*(\d{1,4})(?:\.0+)?\s*$/.exec(text);
  if (number) return inRange(Number(number[1]));
  const words = foldWords(text);
  if (/\b(?:hon|tren|duoi|tu|toi da|it nhat)\b/.test(words) || /\d ?\+\s*(?:p|$)/i.test(text) || /\d\s*[-–]\s*\d/.test(text)) return null;
  const found = /(?:^| )(\d{1,4}) ?(?:phong ngu|phong|pn|p ngu|ngu|bedrooms?|br|bed|beds)\b/.exec(words);
  return found ? inRange(Number(found[1])) : null;
}

function inRange(n: number): number | null {
  return n <= LARGEST ? n : null;
}
