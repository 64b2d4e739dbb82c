/** Reasons come from user code too: each that is shown is a time series for ever. */
const MOST_REASONS = 30;

/** Counts by reason with no more than so many reasons: those met first keep their names, what comes later is counted as `other`. */
export function boundReasons(): (counts: Readonly<Record<string, number>>) => [string, number][] {
  const known = new Set<string>();
  return (counts) => {
    const shown = new Map<string, number>();
    for (const [reason, n] of Object.entries(counts)) {
      if (known.size < MOST_REASONS) known.add(reason);
      const as = known.has(reason) ? reason : "other";
      shown.set(as, (shown.get(as) ?? 0) + n);
    }
    return [...shown];
  };
}
