import type { Sample } from "../core/metrics.ts";
import type { CrawlStatus } from "./crawl.ts";
import { boundReasons } from "./metrics-reasons.ts";

/** A crawl's ledger so far as samples; it stands in the journal, so a resumed crawl goes on counting. */
export function crawlSamples(): (status: CrawlStatus) => Sample[] {
  const failed = boundReasons();
  const dropped = boundReasons();
  return (s) => [
    { name: "arachne_crawl_pages_total", labels: { outcome: "parsed" }, value: s.parsed },
    { name: "arachne_crawl_pages_total", labels: { outcome: "failed" }, value: s.failed },
    ...failed(s.failures).map(([reason, value]): Sample => ({ name: "arachne_crawl_failed_pages_total", labels: { reason }, value })),
    { name: "arachne_crawl_retries_total", labels: {}, value: s.retried },
    { name: "arachne_crawl_pending_requests", labels: {}, value: s.pending },
    { name: "arachne_crawl_active_requests", labels: {}, value: s.inFlight },
    { name: "arachne_crawl_items_total", labels: { outcome: "stored" }, value: s.stored },
    { name: "arachne_crawl_items_total", labels: { outcome: "dropped" }, value: sum(s.dropped) },
    ...dropped(s.dropped).map(([reason, value]): Sample => ({ name: "arachne_crawl_dropped_items_total", labels: { reason }, value })),
    ...Object.entries(s.deliveries).flatMap(([delivery, { waiting, delivered, failed: tries }]): Sample[] => [
      { name: "arachne_chain_backlog_items", labels: { delivery }, value: waiting },
      { name: "arachne_chain_delivered_items_total", labels: { delivery }, value: delivered },
      { name: "arachne_chain_failures_total", labels: { delivery }, value: tries },
    ]),
  ];
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, n) => total + n, 0);
}
