import { describe, expect, test } from "vitest";
import { compareProfiles, describeFinding, isFailure, stability, type GroupProfile, type Profile } from "../../src/core/quality.ts";

const LIMITS = { rowsDrop: 0.3, coverageDrop: 0.1, drift: 0.25, minRows: 100 };
const group = (rows: number, change: Partial<GroupProfile> = {}): GroupProfile => ({ rows, filled: {}, bins: {}, ...change });
const by = (groups: Record<string, GroupProfile>): Profile => ({ by: "source", groups });
const all = (profile: GroupProfile): Profile => ({ by: null, groups: { all: profile } });
const said = (now: Profile, was: Profile): string[] => compareProfiles(now, was, LIMITS).map(describeFinding);

function seeded(seed: number): () => number {
  return () => (seed = (seed * 48271) % 2147483647) / 2147483647;
}

/** Rows of a numeric field by bin, `n` of them drawn by `value`. */
function sample(n: number, value: () => number): Record<string, number> {
  const bins: Record<string, number> = {};
  for (let i = 0; i < n; i++) {
    const bin = String(Math.floor(value()));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}

describe("a profile is refused", () => {
  test("when rows are missing: in all, and in one group that others hide", () => {
    expect(said(all(group(600)), all(group(1000)))).toEqual(["600 rows, were 1,000 (40 % fewer)"]);
    expect(said(all(group(700)), all(group(1000)))).toEqual([]);
    expect(said(by({ a: group(5000), b: group(60) }), by({ a: group(1000), b: group(200) }))).toEqual([
      "source b: 60 rows, were 200 (70 % fewer)",
    ]);
  });

  test("when a group has vanished, or all have", () => {
    expect(said(by({ a: group(1000) }), by({ a: group(900), "batdongsan.com.vn": group(150) }))).toEqual([
      "source batdongsan.com.vn: no rows, were 150",
    ]);
    expect(said(by({}), by({ a: group(80) }))).toEqual(["0 rows, were 80 (100 % fewer)"]);
  });

  test("when a field that was filled is not any more, in just the group where that is so", () => {
    const was = by({
      "batdongsan.com.vn": group(1000, { filled: { price_vnd: 940, title: 1000 } }),
      b: group(1000, { filled: { price_vnd: 500 } }),
    });
    const now = by({
      "batdongsan.com.vn": group(1000, { filled: { price_vnd: 120, title: 1000 } }),
      b: group(1000, { filled: { price_vnd: 450 } }),
    });
    expect(said(now, was)).toEqual(["source batdongsan.com.vn: price_vnd filled 0.12, was 0.94"]);
  });

  test("when the values of a field have drifted: prices in thousands that were in millions", () => {
    const random = seeded(7);
    const was = sample(1000, () => 1120 + 20 * random());
    const now = Object.fromEntries(Object.entries(was).map(([bin, n]) => [String(Number(bin) - 60), n]));
    expect(said(all(group(1000, { bins: { price_vnd: now } })), all(group(1000, { bins: { price_vnd: was } })))).toEqual([
      expect.stringMatching(/^values of price_vnd have drifted \(PSI 6\.\d\d\)$/),
    ]);
    const kinds = (house: number) => all(group(1000, { bins: { property_type: { house, land: 1000 - house } } }));
    expect(said(kinds(1000), kinds(400))).toEqual([expect.stringMatching(/^values of property_type have drifted/)]);
  });
});

describe("a profile is let pass", () => {
  test("when a group is new: that is said", () => {
    const [finding, ...others] = compareProfiles(by({ a: group(100), b: group(5) }), by({ a: group(100) }), LIMITS);
    expect(others).toEqual([]);
    expect(describeFinding(finding!)).toBe("source b: new, with 5 rows");
    expect(isFailure(finding!)).toBe(false);
  });

  test("when there are too few rows to tell: groups of less than QUALITY_MIN_ROWS", () => {
    const few = (filled: number, rows: number) => group(rows, { filled: { price_vnd: filled }, bins: { price_vnd: { [filled]: rows } } });
    expect(said(by({ a: few(0, 99), b: few(0, 10) }), by({ a: few(99, 99), b: few(20, 20), c: few(1, 1) }))).toEqual([]);
  });

  test("when a field has become known only now, or one is no longer kept", () => {
    const was = all(group(1000, { filled: { old: 1000 } }));
    expect(said(all(group(1000, { filled: { fresh: 0 } })), was)).toEqual([]);
  });

  test("in what is not asked for: of the latest rows alone, which a crawl under way has few of, the coverage", () => {
    const was = by({ a: group(1000, { filled: { price_vnd: 900 } }), b: group(500) });
    const now = by({ a: group(200, { filled: { price_vnd: 20 } }) });
    expect(compareProfiles(now, was, LIMITS, ["coverage"]).map(describeFinding)).toEqual(["source a: price_vnd filled 0.10, was 0.90"]);
    expect(compareProfiles(now, was, LIMITS, ["drift"])).toEqual([]);
  });

  test("when it is grouped otherwise: then only all rows are compared", () => {
    expect(said(all(group(500)), by({ a: group(1000) }))).toEqual(["500 rows, were 1,000 (50 % fewer)"]);
  });

  test("when chance explains it: samples of one population, small ones too", () => {
    const random = seeded(11);
    for (const rows of [100, 300, 2000]) {
      let refused = 0;
      for (let i = 0; i < 300; i++) {
        const drawn = (): GroupProfile => {
          const filled = Array.from({ length: rows }).filter(() => random() < 0.5).length;
          return group(rows, { filled: { f: filled }, bins: { n: sample(rows, () => 1000 + 40 * random()) } });
        };
        if (compareProfiles(all(drawn()), all(drawn()), LIMITS).length > 0) refused++;
      }
      expect({ rows, refused: refused <= 3 }).toEqual({ rows, refused: true });
    }
  });
});

test("the stability index is that of the definition, over tenths of the former rows", () => {
  expect(stability({ 1: 50, 2: 50 }, { 1: 50, 2: 50 }).psi).toBe(0);
  // p = 0.5, 0.5; q = 0.8, 0.2: 0.3 ln 1.6 + -0.3 ln 0.4
  expect(stability({ 1: 50, 2: 50 }, { 1: 80, 2: 20 }).psi).toBeCloseTo(0.3 * Math.log(1.6) - 0.3 * Math.log(0.4), 12);
  // Neighbouring bins that held little are one: what moves among them is no drift.
  const was = { 1: 1, 2: 1, 3: 98 };
  expect(stability(was, { 1: 2, 2: 0, 3: 98 }).psi).toBe(stability(was, { 1: 0, 2: 2, 3: 98 }).psi);
  expect(stability({}, { 1: 5 }).psi).toBe(0);
  expect(stability({ 1: 100 }, { 1: 7 }).psi).toBe(0);
  // Of 9 degrees of freedom chi² passes 27.88 once in a thousand times.
  const ten = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [i, 100]));
  expect(stability(ten, ten).chance * 500).toBeCloseTo(27.88, 0);
});
