import { join } from "node:path";
import { orderPipelines, type Chain } from "../core/chain.ts";
import type { Logger } from "../core/context.ts";
import { SettingsError } from "../core/errors.ts";
import type { PipelineContext } from "../core/pipeline.ts";
import type { Settings } from "../core/settings.ts";
import type { Spider, SpiderContext } from "../core/spider.ts";
import { columnsOf } from "../core/schema/columns.ts";
import { itemCheck } from "../core/schema/check.ts";
import { openJournal, type Journal } from "../crawl/journal/journal.ts";
import type { Crawl } from "../crawl/journal/records.ts";
import { openOutbox } from "../crawl/journal/outbox.ts";
import { startDeliveries, type Deliverer, type DeliveryStatus } from "../crawl/engine/deliver.ts";
import { closeLedger, type Ledger } from "../crawl/engine/ledger.ts";
import { createCrawler } from "../crawl/engine/crawler.ts";
import { DEMO, feedStart, startRequests } from "../crawl/engine/start.ts";
import { acquireLock } from "../storage/lock.ts";
import { originOf, refuseDemoByDefault, whatAndWhy } from "./crawl-origin.ts";
import type { Project } from "./project.ts";
import type { ResolvedSettings } from "./settings.ts";

export interface CrawlRequest {
  project: Project;
  spider: string;
  args: Readonly<Record<string, string>>;
  /** Forget an unfinished crawl and begin a new one. */
  fresh: boolean;
  resolved: ResolvedSettings;
  log: Logger;
  signal: AbortSignal;
  now: () => Date;
  /** Further deliveries of this run: `-o FILE`. */
  extra?: Chain["deliveries"];
  onStart?: (status: () => CrawlStatus) => void;
}

export interface CrawlStatus {
  parsed: number;
  failed: number;
  pending: number;
  inFlight: number;
  stored: number;
  /** Undelivered items of the slowest delivery. */
  backlog: number;
  retried: number;
  failures: Readonly<Record<string, number>>;
  dropped: Readonly<Record<string, number>>;
  deliveries: Readonly<Record<string, DeliveryStatus>>;
}

export interface CrawlResult {
  crawl: Crawl;
  ledger: Ledger;
  /** finished: nothing left to do. closed: a CLOSESPIDER_* limit ended it. interrupted: the next run resumes it. */
  state: "finished" | "closed" | "interrupted";
  reason: string | undefined;
  elapsedMs: number;
}

export async function loadChain(project: Project, settings: Settings, extra: Chain["deliveries"] = []): Promise<Chain> {
  const named = await Promise.all(
    Object.entries(settings.ITEM_PIPELINES).map(async ([name, order]) => ({
      name,
      order,
      pipeline: await project.load("pipelines", name),
    })),
  );
  return orderPipelines([...named, ...extra]);
}

/** Runs a spider to its end, resuming an unfinished crawl. @throws SettingsError before anything is started, CriticalError when going on would lose data */
export async function crawl(request: CrawlRequest): Promise<CrawlResult> {
  const { project, log, now, signal } = request;
  const spider = await project.load("crawlers", request.spider);
  const { settings } = request.resolved;
  const chain = await loadChain(project, settings, request.extra);
  const stateDir = settings.STATE_DIR;
  const lock = acquireLock(join(stateDir, `${request.spider}.lock`), `spider ${request.spider}`, now());
  const journal = openJournal({ path: join(stateDir, `${request.spider}.db`), now });
  try {
    return await run(request, spider, settings, chain, journal);
  } finally {
    journal.close();
    lock.release();
    log.debug("journal closed");
  }

  async function run(r: CrawlRequest, spider: Spider, settings: Settings, chain: Chain, journal: Journal): Promise<CrawlResult> {
    const started = performance.now();
    const base = { log, signal, now, settings };
    const origin = await originOf(spider, { ...base, args: r.args }, project.root);
    refuseDemoByDefault(origin, r.resolved);
    const current = beginOrResume(journal, r, origin);
    const context: PipelineContext & SpiderContext = {
      ...base,
      args: r.args,
      spider: r.spider,
      item: spider.item,
      crawl: { id: current.id, startedAt: current.startedAt },
      origin,
    };
    const fatal = new AbortController();
    const both = AbortSignal.any([signal, fatal.signal]);
    const opened: { close?(c: PipelineContext): void | Promise<void> }[] = [];
    const outbox = openOutbox(
      journal.db,
      chain.deliveries.map((d) => d.name),
    );
    const site = origin === DEMO ? await spider.demo!.serve() : undefined;
    log.info(whatAndWhy(origin, r.resolved));
    let deliverer: Deliverer | undefined;
    const closeOpened = async (): Promise<void> => {
      for (let next = opened.pop(); next !== undefined; next = opened.pop()) await next.close?.(context);
    };
    try {
      const startHosts =
        current.hosts ?? (await feedStart(journal, startRequests(spider, { ...base, args: r.args }, project.root), spider.demo?.host));
      for (const { pipeline } of [...chain.transforms, ...chain.deliveries]) {
        await pipeline.open?.(context);
        opened.push(pipeline);
      }
      let failure: unknown;
      const deliveries = startDeliveries({
        outbox,
        deliveries: chain.deliveries,
        context: { ...context, signal: both },
        onFatal(error) {
          failure ??= error;
          fatal.abort();
        },
        onProgress: () => crawler.wake(),
      });
      deliverer = deliveries;
      const crawler = createCrawler({
        spider,
        chain,
        check: itemCheck(spider.item),
        marksPartial: columnsOf(spider.item).some((c) => c.name === "partial"),
        context: { ...context, signal: both },
        journal,
        deliverer: deliveries,
        startHosts,
        virtualHosts: site === undefined ? {} : { [spider.demo!.host]: site.port },
        explicit: (name) => r.resolved.origin(name) !== "default",
      });
      deliveries.poke();
      const { counters } = journal;
      r.onStart?.(() => ({
        ...crawler.status(),
        backlog: deliveries.backlog(),
        retried: counters.get("retried"),
        failures: counters.byPrefix("failed:"),
        dropped: counters.byPrefix("dropped:"),
        deliveries: deliveries.status(),
      }));
      const outcome = await crawler.run();
      if (failure !== undefined) throw failure;
      if (!signal.aborted) await deliveries.drain();
      // Asked again: a stop during the drain leaves items for the next run. Closed first: `-O x.json` is written then.
      if (!signal.aborted) {
        await closeOpened();
        journal.finish(current);
      }
      return {
        crawl: current,
        ledger: closeLedger(
          journal,
          outbox,
          chain.deliveries.map((d) => d.name),
          crawler.filtered(),
          !signal.aborted,
        ),
        state: signal.aborted ? "interrupted" : outcome.reason === undefined ? "finished" : "closed",
        reason: outcome.reason,
        elapsedMs: performance.now() - started,
      };
    } finally {
      fatal.abort(); // else a delivery that tries again and again would outlive the crawl, and keep the process
      await deliverer?.settled();
      try {
        await closeOpened();
      } finally {
        await site?.close();
      }
    }
  }
}

function beginOrResume(journal: Journal, r: CrawlRequest, origin: string): Crawl {
  const unfinished = journal.unfinished();
  if (unfinished === undefined || r.fresh) return journal.begin(origin, r.args);
  const same = unfinished.origin === origin && JSON.stringify(unfinished.args) === JSON.stringify(r.args);
  if (!same)
    throw new SettingsError(
      "other_crawl",
      `crawl ${unfinished.id} of ${r.spider} is unfinished and was started otherwise (${describe(unfinished)}; now ${describe({ origin, args: r.args })}): run it as it was to resume it, or --fresh to give it up`,
    );
  const done = journal.counters.get("parsed") + journal.counters.total("failed:");
  const total = done + journal.pending();
  r.log.info(
    `resuming crawl ${unfinished.id}: ${done.toLocaleString("en-US")} of ${total.toLocaleString("en-US")} pages done; --fresh starts over`,
  );
  journal.resume();
  return unfinished;
}

function describe({ origin, args }: { origin: string; args: Readonly<Record<string, string>> }): string {
  return [origin, ...Object.entries(args).map(([name, value]) => `-a ${name}=${value}`)].join(" ");
}
