import type { Catalog } from "./ads.ts";
import { hash } from "./random.ts";

/** What is wrong with a listing's page. Those in DEAD never give it; the others do, after some tries or in some odd form. */
export type Fault =
  | "500 once"
  | "503 twice"
  | "503 at once"
  | "429 once"
  | "reset once"
  | "slow"
  | "always gzip"
  | "windows-1258"
  | "broken UTF-8"
  | "404"
  | "410"
  | "403"
  | "soft 404"
  | "wall"
  | "wall 200"
  | "PDF"
  | "loop";

export const DEAD: ReadonlySet<Fault> = new Set(["404", "410", "403", "soft 404", "wall", "wall 200", "PDF", "loop"]);

/** Failures that heal: how often the path fails first, with what. Counted by the server since its start. */
export const HEALING: Readonly<Partial<Record<Fault, { times: number; status: number; retryAfter?: number }>>> = {
  "500 once": { times: 1, status: 500 },
  "503 twice": { times: 2, status: 503, retryAfter: 1 },
  "503 at once": { times: 1, status: 503, retryAfter: 0 },
  "429 once": { times: 1, status: 429, retryAfter: 1 },
  // Status 0: the connection is cut without an answer.
  "reset once": { times: 1, status: 0 },
};

/** How many listings have each. */
const COUNTS: readonly (readonly [Fault, number])[] = [
  ["500 once", 10],
  ["503 twice", 3],
  ["503 at once", 4],
  ["429 once", 2],
  ["reset once", 2],
  ["slow", 6],
  ["always gzip", 16],
  ["windows-1258", 1],
  ["broken UTF-8", 1],
  ["404", 4],
  ["410", 2],
  ["403", 1],
  ["soft 404", 2],
  ["wall", 1],
  ["wall 200", 1],
  ["PDF", 1],
  ["loop", 1],
];

export interface FaultOptions {
  /** Answer some pages late. */
  readonly slow: boolean;
  /** Fail some for a while, and some for good. */
  readonly faults: boolean;
}

const HARMLESS: ReadonlySet<Fault> = new Set(["slow", "always gzip", "windows-1258", "broken UTF-8"]);

/** The faults by listing number, spread evenly and the same for the same seed; on cards that still say what the listing is. */
export function spread({ ad, seed, size }: Catalog, options: FaultOptions): ReadonlyMap<number, Fault> {
  const faults = new Map<number, Fault>();
  // One of each first, so that a small site has all kinds.
  const wanted = COUNTS.flatMap(([fault, count]) => Array.from({ length: count }, (_, round) => ({ fault, round }))).sort(
    (a, b) => a.round - b.round,
  );
  const taken = new Set<number>();
  const usable = (n: number) => {
    const { repostOf, address } = ad(n);
    return !taken.has(n) && repostOf === null && address.scheme === "both" && n % 23 !== 7;
  };
  // A tiny site has no room for all of them: at most every fourth listing is odd.
  for (const [i, { fault }] of wanted.slice(0, Math.floor(size / 4)).entries()) {
    let n = hash(seed, i, 99) % size;
    for (let tries = 0; !usable(n) && tries < size; tries++) n = (n + 1) % size;
    taken.add(n);
    if (fault === "slow" ? options.slow : options.faults || HARMLESS.has(fault)) faults.set(n, fault);
  }
  return faults;
}

/** Milliseconds for which a slow page keeps one waiting. */
export const delayOf = (n: number) => 300 + (hash(n, 98) % 501);

/** Index pages that fail at first: page number of the section → how. */
export const INDEX_FAULTS: Readonly<Record<"sale" | "rent", ReadonlyMap<number, Fault>>> = {
  sale: new Map([
    [5, "500 once"],
    [9, "503 at once"],
  ]),
  rent: new Map([[2, "503 twice"]]),
};
/** This page of the sales section comes gzipped, whatever the client accepts. */
export const GZIP_INDEX_PAGE = 3;
