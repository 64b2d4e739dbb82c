/**
 * Vietnamese writing, "1.530,25", with no more decimals than it has and at most `decimals`. Written out rather than left to
 * Intl, whose locale data differ between Node builds: the same id must give the same bytes everywhere.
 */
export function vi(value: number, decimals = 2): string {
  const [whole = "0", rest = ""] = value.toFixed(decimals).split(".");
  const fraction = rest.replace(/0+$/, "");
  return whole.replace(/\B(?=(\d{3})+$)/g, ".") + (fraction === "" ? "" : `,${fraction}`);
}

/** To the nearest whole multiple of `step`, and never nothing. */
export function snap(value: number, step: number): number {
  return Math.max(1, Math.round(value / step)) * step;
}
