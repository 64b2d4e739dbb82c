import type { Journal } from "../journal/journal.ts";
import type { Outbox } from "../journal/outbox.ts";

export interface Ledger {
  requests: number;
  parsed: number;
  failed: Record<string, number>;
  /** Not asked yet: only of a crawl that was stopped. */
  pending: number;
  retried: number;
  /** Pages that redirected to one that the crawl has anyway, and so gave nothing of their own. */
  redirectedToKnown: number;
  filtered: Record<string, number>;
  emitted: number;
  partial: number;
  stored: number;
  dropped: Record<string, number>;
  delivered: Record<string, number>;
  /** What does not add up, in words; empty when the ledger closes. */
  remainder: string[];
}

/** The crawl's books (promise 6): each number was counted where it happened, and the sums must agree. */
export function closeLedger(
  journal: Journal,
  outbox: Outbox,
  deliveries: readonly string[],
  filtered: Readonly<Record<string, number>>,
  drained: boolean,
): Ledger {
  const { counters } = journal;
  const ledger: Ledger = {
    requests: counters.get("requests"),
    parsed: counters.get("parsed"),
    failed: counters.byPrefix("failed:"),
    pending: journal.pending(),
    retried: counters.get("retried"),
    redirectedToKnown: counters.get("redirected_to_known"),
    filtered: { ...filtered },
    emitted: counters.get("emitted"),
    partial: counters.get("partial"),
    stored: counters.get("stored"),
    dropped: counters.byPrefix("dropped:"),
    delivered: Object.fromEntries(deliveries.map((d) => [d, outbox.delivered(d)])),
    remainder: [],
  };
  const failed = sum(ledger.failed);
  const dropped = sum(ledger.dropped);
  const rest = (what: string, n: number): void => void (n === 0 || ledger.remainder.push(`${what}: ${n} unaccounted for`));
  rest("requests - parsed - failed - pending", ledger.requests - ledger.parsed - failed - ledger.pending);
  rest("emitted - stored - dropped", ledger.emitted - ledger.stored - dropped);
  if (drained) for (const [name, n] of Object.entries(ledger.delivered)) rest(`stored - delivered by ${name}`, ledger.stored - n);
  return ledger;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}
