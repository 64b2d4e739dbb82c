import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { readLetter } from "../../src/core/stream-dead.ts";
import type { StoredMessage } from "../../src/core/topic.ts";

/** How what is served differs from what must be, and what was set aside from the poison. */
export interface Figures {
  rows: number;
  missing: number;
  doubled: number;
  differing: number;
  unexpected: number;
  letters: number;
  lettersMissing: number;
  lettersDoubled: number;
  lettersUnexpected: number;
}

/** All that must be 0. */
export const RIGHT = {
  missing: 0,
  doubled: 0,
  differing: 0,
  unexpected: 0,
  lettersMissing: 0,
  lettersDoubled: 0,
  lettersUnexpected: 0,
} satisfies Partial<Figures>;

export interface Compared {
  /** Rows as they are served, by their keys. */
  rows: readonly (readonly [key: string, row: object])[];
  expected: ReadonlyMap<string, object>;
  letters: readonly StoredMessage[];
  poison: readonly { reason: string; value: Buffer }[];
}

export function compare({ rows, expected, letters, poison }: Compared): Figures {
  const seen = new Set<string>();
  let [doubled, differing, unexpected] = [0, 0, 0];
  for (const [key, row] of rows) {
    const wanted = expected.get(key);
    if (seen.has(key)) doubled++;
    else if (wanted === undefined) unexpected++;
    else if (!isDeepStrictEqual(row, wanted)) differing++;
    seen.add(key);
  }
  const missing = [...expected.keys()].filter((key) => !seen.has(key)).length;

  // By what it is, and by its place: two that are alike are two letters, one that stands there twice is doubled.
  const wanted = new Map<string, number>();
  for (const { reason, value } of poison) count(wanted, `${reason} ${hash(value)}`, 1);
  const places = new Set<string>();
  let lettersDoubled = 0;
  for (const letter of letters) {
    const { id = `no letter: ${letter.offset}`, reason = "" } = readLetter(letter) ?? {};
    if (places.has(id)) lettersDoubled++;
    else count(wanted, `${reason} ${hash(Buffer.from(letter.bytes ?? letter.value))}`, -1);
    places.add(id);
  }
  const left = [...wanted.values()];
  return {
    rows: rows.length,
    missing,
    doubled,
    differing,
    unexpected,
    letters: letters.length,
    lettersMissing: left.reduce((sum, n) => sum + Math.max(0, n), 0),
    lettersDoubled,
    lettersUnexpected: left.reduce((sum, n) => sum + Math.max(0, -n), 0),
  };
}

function count(counts: Map<string, number>, what: string, n: number): void {
  counts.set(what, (counts.get(what) ?? 0) + n);
}

function hash(value: Buffer): string {
  return createHash("sha256").update(value).digest("base64");
}
