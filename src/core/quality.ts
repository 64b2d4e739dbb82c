import type { QualityCheck } from "./job.ts";

const ALL_CHECKS: readonly QualityCheck[] = ["rows", "coverage", "drift"];

/** What a set of rows looks like: how many, which fields are filled, how values are distributed. Kept with every published output. */
export interface Profile {
  /** The column whose values are the groups; null: all rows are one group. */
  readonly by: string | null;
  readonly groups: Readonly<Record<string, GroupProfile>>;
}

export interface GroupProfile {
  readonly rows: number;
  /** Rows whose field is neither NULL nor an empty text, by field. */
  readonly filled: Readonly<Record<string, number>>;
  /** Rows by bin, of each field that has a distribution: see `profileSql`. */
  readonly bins: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface QualityLimits {
  /** Share of rows that may be missing: 0.3. */
  rowsDrop: number;
  /** Points by which a field's filled share may fall: 0.1. */
  coverageDrop: number;
  /** Population stability index that is a drift: 0.25. */
  drift: number;
  /** Groups of fewer rows, before or now, are compared in nothing but whether they are there. */
  minRows: number;
}

export interface Finding {
  /** `new_group` is worth a line, and no failure; the others are. */
  readonly kind: "rows" | "gone" | "coverage" | "drift" | "new_group";
  /** `source batdongsan.com.vn`; empty where all rows are meant. */
  readonly group: string;
  readonly field: string | null;
  /** Rows, the share that was filled, or 0 for a drift. */
  readonly was: number;
  /** Rows, the share that is filled, or the population stability index. */
  readonly now: number;
}

const CHECK_OF: Record<Finding["kind"], QualityCheck> = {
  rows: "rows",
  gone: "rows",
  new_group: "rows",
  coverage: "coverage",
  drift: "drift",
};

/** Beyond this many standard deviations (one in a thousand) a change is not chance. */
const Z = 3.29;

/** What has changed from one profile to another by more than the limits, and by more than chance would explain. */
export function compareProfiles(now: Profile, was: Profile, limits: QualityLimits, checks = ALL_CHECKS): Finding[] {
  const findings: Finding[] = [];
  const add = (kind: Finding["kind"], group: string, before: number, after: number, field: string | null = null): void => {
    if (checks.includes(CHECK_OF[kind])) findings.push({ kind, group, field, was: before, now: after });
  };
  const total = (p: Profile) => Object.values(p.groups).reduce((sum, g) => sum + g.rows, 0);
  const few = (n: number) => n < limits.minRows;
  const fell = (after: number, before: number) => after < before * (1 - limits.rowsDrop) && (after === 0 || !few(before));

  if (fell(total(now), total(was))) add("rows", "", total(was), total(now));
  if (now.by !== was.by) return findings; // groups of another kind: nothing to hold them against
  for (const [name, before] of Object.entries(was.groups)) {
    const group = now.by === null ? "" : `${now.by} ${name}`;
    const after = now.groups[name];
    if (after === undefined || after.rows === 0) {
      if (!few(before.rows) && now.by !== null) add("gone", group, before.rows, 0);
      continue;
    }
    if (now.by !== null && fell(after.rows, before.rows)) add("rows", group, before.rows, after.rows);
    if (few(before.rows) || few(after.rows)) continue;
    for (const [field, filled] of Object.entries(before.filled)) {
      const [then, today] = [filled / before.rows, (after.filled[field] ?? 0) / after.rows];
      const drop = then - today;
      if (field in after.filled && drop > limits.coverageDrop && drop > chanceOfShares(then, before.rows, today, after.rows))
        add("coverage", group, then, today, field);
    }
    for (const [field, bins] of Object.entries(before.bins)) {
      const { psi, chance } = stability(bins, after.bins[field] ?? {});
      if (psi > limits.drift && psi > chance) add("drift", group, 0, psi, field);
    }
  }
  for (const [name, { rows }] of Object.entries(now.groups))
    if (was.groups[name] === undefined && now.by !== null) add("new_group", `${now.by} ${name}`, 0, rows);
  return findings;
}

export const isFailure = (finding: Finding): boolean => finding.kind !== "new_group";

/** `source batdongsan.com.vn: price_vnd filled 0.12, was 0.94` */
export function describeFinding({ kind, group, field, was, now }: Finding): string {
  const prefix = group === "" ? "" : `${group}: `;
  const count = (n: number) => n.toLocaleString("en-US");
  switch (kind) {
    case "rows":
      return `${prefix}${count(now)} rows, were ${count(was)} (${Math.round((1 - now / was) * 100)} % fewer)`;
    case "gone":
      return `${prefix}no rows, were ${count(was)}`;
    case "coverage":
      return `${prefix}${field} filled ${now.toFixed(2)}, was ${was.toFixed(2)}`;
    case "drift":
      return `${prefix}values of ${field} have drifted (PSI ${now.toFixed(2)})`;
    case "new_group":
      return `${prefix}new, with ${count(now)} rows`;
  }
}

function chanceOfShares(p: number, n: number, q: number, m: number): number {
  const pooled = (p * n + q * m) / (n + m);
  return Z * Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
}

/**
 * The population stability index of two distributions over (at most) ten bins that held about as many rows each before: the sum of
 * (q - p) ln(q / p), an empty bin counting as half a row. Beside it what chance alone reaches once in a thousand times: between two samples
 * of one population, PSI / (1/n + 1/m) is distributed as chi² with one degree of freedom fewer than there are bins
 * (Yurdakul, Naranjo: Statistical properties of the population stability index, 2020).
 */
export function stability(was: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>): { psi: number; chance: number } {
  const bins = deciles(was, now);
  const [n, m] = [bins.reduce((sum, b) => sum + b.was, 0), bins.reduce((sum, b) => sum + b.now, 0)];
  if (n === 0 || m === 0 || bins.length < 2) return { psi: 0, chance: 0 };
  let psi = 0;
  for (const bin of bins) {
    const p = Math.max(bin.was, 0.5) / n;
    const q = Math.max(bin.now, 0.5) / m;
    psi += (q - p) * Math.log(q / p);
  }
  const freedom = bins.length - 1;
  // Wilson and Hilferty's approximation of chi² at Z = 3.09, one in a thousand on its one side.
  const chi = freedom * (1 - 2 / (9 * freedom) + 3.09 * Math.sqrt(2 / (9 * freedom))) ** 3;
  return { psi, chance: chi * (1 / n + 1 / m) };
}

/** Neighbouring bins put together until each holds a tenth of the former rows. Bins of words, not numbers, stay as they are. */
function deciles(was: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>): { was: number; now: number }[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(now)])];
  const all = (name: string) => ({ was: was[name] ?? 0, now: now[name] ?? 0 });
  if (names.some((name) => !/^-?\d+$/.test(name))) return names.map(all);
  const tenth = Object.values(was).reduce((sum, n) => sum + n, 0) / 10;
  const merged: { was: number; now: number }[] = [];
  let open = { was: 0, now: 0 };
  for (const bin of names.sort((a, b) => Number(a) - Number(b)).map(all)) {
    open = { was: open.was + bin.was, now: open.now + bin.now };
    if (open.was < tenth) continue;
    merged.push(open);
    open = { was: 0, now: 0 };
  }
  if (open.was + open.now > 0) merged.push(open);
  return merged;
}
