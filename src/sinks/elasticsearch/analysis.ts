const TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"];
const VOWELS = Array.from("aăâeêioôơuưy");

/** Vietnamese letters that are written in parts (as macOS and some keyboards do), as the one letter that they are. */
function composedLetters(): string[] {
  const mappings = new Set<string>();
  for (const vowel of VOWELS.flatMap((letter) => [letter, letter.toUpperCase()]))
    for (const tone of TONES) {
      const whole = (vowel + tone).normalize("NFC");
      for (const parts of [whole.normalize("NFD"), vowel + tone]) if (parts !== whole) mappings.add(`${parts} => ${whole}`);
    }
  return [...mappings];
}

/** The two ways to place a tone mark (hoà and hòa, thuý and thúy) as one. */
function placedTones(): string[] {
  const mappings: string[] = [];
  for (const [first, second] of [
    ["o", "a"],
    ["o", "e"],
    ["u", "y"],
  ] as const)
    for (const tone of TONES.slice(1))
      for (const [a, b] of [
        [first, second],
        [first.toUpperCase(), second],
        [first.toUpperCase(), second.toUpperCase()],
      ] as const)
        mappings.push(`${(a + b + tone).normalize("NFC")} => ${(a + tone + b).normalize("NFC")}`);
  return mappings;
}

const CHAR_FILTERS = ["vietnamese_letters", "vietnamese_tones"];

/**
 * Vietnamese text is indexed as it is and without its diacritics (đ is d too), and searched as it is typed: "nha dep" finds
 * "Nhà đẹp" and "nhá dẹp", "nhà đẹp" finds only itself.
 */
export const VIETNAMESE = {
  char_filter: {
    vietnamese_letters: { type: "mapping", mappings: composedLetters() },
    vietnamese_tones: { type: "mapping", mappings: placedTones() },
  },
  filter: { vietnamese_folding: { type: "asciifolding", preserve_original: true } },
  analyzer: {
    vietnamese: { type: "custom", char_filter: CHAR_FILTERS, tokenizer: "standard", filter: ["lowercase", "vietnamese_folding"] },
    vietnamese_search: { type: "custom", char_filter: CHAR_FILTERS, tokenizer: "standard", filter: ["lowercase"] },
  },
} as const;

const PLAIN = { type: "custom", tokenizer: "standard", filter: ["lowercase"] } as const;

/** For servers built without the module analysis-common, as Elastic's own for integration tests: found with its diacritics only. */
export const WITHOUT_FOLDING = { analyzer: { vietnamese: PLAIN, vietnamese_search: PLAIN } } as const;

/** What such a server answers. */
export function lacksAnalysis(reason: string): boolean {
  return /(?:unknown (?:char_)?filter type|failed to find (?:char_)?filter) .*\[(?:mapping|asciifolding)\]/i.test(reason);
}
