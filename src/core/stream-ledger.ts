/** What became of what a sink's consumer (or a window's) has read and committed in this run. */
export interface LaneLedger {
  readonly read: number;
  /** Gone into windows. */
  readonly folded: number;
  readonly written: number;
  readonly kept: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly dead: Readonly<Record<string, number>>;
}

/** Counts of one batch; they enter the ledger when it is committed. */
export interface Tally {
  read: number;
  folded: number;
  written: number;
  kept: number;
  dropped: Map<string, number>;
  dead: Map<string, number>;
}

export function newTally(read: number): Tally {
  return { read, folded: 0, written: 0, kept: 0, dropped: new Map(), dead: new Map() };
}

export function countIn(counts: Map<string, number>, reason: string, n = 1): void {
  counts.set(reason, (counts.get(reason) ?? 0) + n);
}

/** Adds a batch's counts to a run's. */
export function addTally(to: Tally, batch: Tally): void {
  to.read += batch.read;
  to.folded += batch.folded;
  to.written += batch.written;
  to.kept += batch.kept;
  for (const [reason, n] of batch.dropped) countIn(to.dropped, reason, n);
  for (const [reason, n] of batch.dead) countIn(to.dead, reason, n);
}

export function ledgerOf({ read, folded, written, kept, dropped, dead }: Tally): LaneLedger {
  const byCount = (counts: Map<string, number>): Record<string, number> =>
    Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
  return { read, folded, written, kept, dropped: byCount(dropped), dead: byCount(dead) };
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}

/** Messages that are not accounted for: 0, or something was lost or counted twice. */
export function remainderOf(ledger: LaneLedger): number {
  const { read, folded, written, kept, dropped, dead } = ledger;
  return read - folded - written - kept - sumOf(dropped) - sumOf(dead);
}
