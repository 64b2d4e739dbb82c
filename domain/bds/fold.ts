/**
 * Text as people type it, made comparable: case, diacritics and punctuation go. Vietnamese listings come with and without
 * marks, in NFC and NFD, with full-width digits and no-break spaces, so nothing else may be compared.
 */

const COMBINING = 0;
const SEPARATOR = 32;

/** What a UTF-16 unit folds to: 0 = dropped (a combining mark), 32 = a separator, else a lower-case ASCII letter or digit. */
const FOLD: Uint8Array = buildTable();

function buildTable(): Uint8Array {
  const table = new Uint8Array(0x10000).fill(SEPARATOR);
  const put = (from: number, text: string): void => {
    const c = text.charCodeAt(0);
    if ((c >= 97 && c <= 122) || (c >= 48 && c <= 57)) table[from] = c;
  };
  for (let code = 0x30; code < 0x250; code++) put(code, plain(code));
  for (let code = 0x1e00; code < 0x1f00; code++) put(code, plain(code));
  for (let code = 0xff10; code < 0xff5b; code++) put(code, plain(code));
  for (let code = 0x300; code < 0x370; code++) table[code] = COMBINING;
  // Invisible characters that some sites put inside words: soft hyphen, zero-width space and joiners, BOM.
  for (const code of [0xad, 0x200b, 0x200c, 0x200d, 0xfeff]) table[code] = COMBINING;
  put(0x111, "d");
  put(0x110, "d");
  return table;
}

function plain(code: number): string {
  return String.fromCharCode(code).normalize("NFKD").toLowerCase();
}

/** Letters and digits as strings: appending these is several times as fast as String.fromCharCode. */
const LETTER: readonly string[] = Array.from({ length: 128 }, (_, c) => String.fromCharCode(c));
const KEY_LETTER: readonly string[] = LETTER.with(121, "i");

/** The folded form of one UTF-16 unit: 0 = dropped, 32 = separator, else an ASCII letter or digit. */
export function foldUnit(code: number): number {
  return FOLD[code]!;
}

/** Words in plain ASCII with one space between: `"Q.Bình  Thạnh"` → `"q binh thanh"`. */
export function foldWords(text: string): string {
  let out = "";
  let pending = false;
  for (let i = 0; i < text.length; i++) {
    const c = FOLD[text.charCodeAt(i)]!;
    if (c === COMBINING) continue;
    if (c === SEPARATOR) {
      pending = out !== "";
      continue;
    }
    if (pending) {
      out += " ";
      pending = false;
    }
    out += LETTER[c]!;
  }
  return out;
}

/**
 * One word of ASCII for looking names up: `"Bà Rịa - Vũng Tàu"` → `"bariavungtau"`. Spaces go because names are spelt
 * both ways ("Đắk Lắk", "Daklak"); y becomes i because both spellings are in use (Quy/Qui, Vĩ/Vỹ, Mỹ/Mĩ).
 */
export function nameKey(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const c = FOLD[text.charCodeAt(i)]!;
    if (c === COMBINING || c === SEPARATOR) continue;
    out += KEY_LETTER[c]!;
  }
  return out;
}

/** A folded letter or digit as text. */
export function letter(folded: number): string {
  return LETTER[folded]!;
}

/** The same as `nameKey` writes it: y as i. */
export function keyLetter(folded: number): string {
  return KEY_LETTER[folded]!;
}

const TONES = /[\u0300\u0301\u0303\u0309\u0323]/g;

/**
 * As `nameKey`, but vowels keep their marks and each word its tone, wherever the tone mark was put: "Hoà" equals "Hòa",
 * while "Thạnh" and "Thành" differ. For telling apart names that only diacritics tell apart.
 */
export function toneKey(text: string): string {
  return text
    .normalize("NFD")
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .map((word) => word.replace(TONES, "") + (word.match(TONES)?.join("") ?? ""))
    .join("")
    .replaceAll("y", "i");
}
