/** 20261121T052041753Z; behind `newest` even where the clock went back: versions sort by name. */
export function stampAfter(now: Date, newest: string | undefined): string {
  const time = Math.max(now.getTime(), newest === undefined ? 0 : timeOf(newest) + 1);
  return new Date(time).toISOString().replace(/[-:.]/g, "");
}

/** Letters in either case: index names have no capitals. */
export const STAMP = /^\d{8}T\d{9}Z$/i;

function timeOf(stamp: string): number {
  return Date.parse(stamp.replace(/^(....)(..)(..).(..)(..)(..)(...).$/, "$1-$2-$3T$4:$5:$6.$7Z"));
}
