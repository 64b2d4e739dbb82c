/** The tones, which windows-1258 writes after the vowel; circumflex, breve and horn it keeps in the letter. */
const TONES: Readonly<Record<string, number>> = { "\u0300": 0xcc, "\u0309": 0xd2, "\u0303": 0xde, "\u0301": 0xec, "\u0323": 0xf2 };
const LETTERS: Readonly<Record<string, number>> = {
  Ă: 0xc3,
  ă: 0xe3,
  Đ: 0xd0,
  đ: 0xf0,
  Ơ: 0xd5,
  ơ: 0xf5,
  Ư: 0xdd,
  ư: 0xfd,
  Â: 0xc2,
  â: 0xe2,
  Ê: 0xca,
  ê: 0xea,
  Ô: 0xd4,
  ô: 0xf4,
  "₫": 0xfe,
  "…": 0x85,
  "–": 0x96,
  "·": 0xb7,
  "²": 0xb2,
  "‹": 0x8b,
  "›": 0x9b,
  "\u00a0": 0xa0,
};

/** HTML in windows-1258; what it has no letter for becomes a numeric entity. */
export function toWindows1258(html: string): Buffer {
  const bytes: number[] = [];
  for (const letter of html.normalize("NFC")) {
    const parts = letter.normalize("NFD");
    const tone = /[\u0300\u0301\u0303\u0309\u0323]/.exec(parts)?.[0];
    const base = tone === undefined ? letter : parts.replace(tone, "").normalize("NFC");
    const code = base.charCodeAt(0) < 0x80 ? base.charCodeAt(0) : LETTERS[base];
    if (code === undefined) bytes.push(...Buffer.from(`&#${letter.codePointAt(0)};`, "latin1"));
    else bytes.push(code, ...(tone === undefined ? [] : [TONES[tone] ?? 0]));
  }
  return Buffer.from(bytes);
}
