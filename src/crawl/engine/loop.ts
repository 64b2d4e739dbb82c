import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { AutoscaledPool as Pool, Configuration as Config, log as CrawleeLog } from "@crawlee/core";
import type { Frontier } from "../journal/frontier.ts";
import { hostOf } from "../journal/frontier.ts";
import type { Journal } from "../journal/journal.ts";
import type { QueuedRequest } from "../journal/records.ts";
import type { Verdict } from "./visit.ts";

export interface LoopOptions {
  concurrency: number;
  journal: Journal;
  frontier: Frontier;
  visit: (request: QueuedRequest) => Promise<Verdict>;
  /** False while the deliveries are too far behind, or those in flight may be enough. */
  mayStart: (inFlight: number) => boolean;
  /** Why no more requests are to be started, once there is a reason. */
  stopReason: () => string | undefined;
  signal: AbortSignal;
  onRetry: (request: QueuedRequest, reason: string, detail: string) => void;
  onFailed: (request: QueuedRequest, reason: string, detail: string) => void;
}

export interface Loop {
  /** Resolves when the frontier is empty or a reason to stop arose and nothing is in flight; rejects on a fatal error. */
  run(): Promise<void>;
  /** Something changed that may let requests start. */
  wake(): void;
  inFlight(): number;
}

const require = createRequire(import.meta.url);
const crawlee = dirname(require.resolve("@crawlee/core/package.json"));

/** The pool's own module instead of the package's index, which also loads Crawlee's storages, cheerio and more: half the time, 13 MB less. */
function loadPool(): { AutoscaledPool: typeof Pool; Configuration: typeof Config; log: typeof CrawleeLog } {
  const load = (file: string): object => require(join(crawlee, file)) as object;
  return { ...load("autoscaling/autoscaled_pool.js"), ...load("configuration.js"), ...load("log.js") } as ReturnType<typeof loadPool>;
}

/** The crawl's loop on Crawlee's AutoscaledPool: lease, visit, commit. Crawlee stays behind this file (and the browser's). */
export function createLoop(o: LoopOptions): Loop {
  const { AutoscaledPool, Configuration, log } = loadPool();
  log.setLevel(log.LEVELS.ERROR);
  let ready: QueuedRequest | undefined;
  let inFlight = 0;
  let timer: NodeJS.Timeout | undefined;
  let fatal: unknown;
  const stopping = () => fatal !== undefined || o.signal.aborted || o.stopReason() !== undefined;

  /** Leases the next request if there is one now; else arranges to be woken when there may be. */
  function lease(): boolean {
    if (ready !== undefined) return true;
    if (stopping() || !o.mayStart(inFlight)) return false;
    const next = o.frontier.next(Date.now());
    if (typeof next !== "number") {
      ready = next;
      return true;
    }
    if (next !== Infinity) {
      clearTimeout(timer);
      timer = setTimeout(wake, Math.max(1, next));
    }
    return false;
  }

  async function take(): Promise<void> {
    const request = ready;
    if (request === undefined) return;
    ready = undefined;
    inFlight++;
    try {
      await settle(request, await o.visit(request));
    } catch (error) {
      // A request that the stop itself has ended is simply there again next time.
      if (!o.signal.aborted) fatal ??= error;
    } finally {
      inFlight--;
    }
  }

  async function settle(request: QueuedRequest, verdict: Verdict): Promise<void> {
    if ("outcome" in verdict) {
      await o.journal.submit(verdict.outcome);
      if (verdict.outcome.kind === "failed") o.onFailed(request, verdict.outcome.reason, verdict.outcome.detail);
      return;
    }
    request.retries++;
    await o.journal.submit({ kind: "retry", request });
    o.onRetry(request, verdict.reason, verdict.detail);
    o.frontier.defer(request, verdict.retryAt);
  }

  const pool = new AutoscaledPool(
    {
      minConcurrency: o.concurrency,
      maxConcurrency: o.concurrency,
      maybeRunIntervalSecs: 0.5,
      loggingIntervalSecs: null,
      runTaskFunction: take,
      isTaskReadyFunction: () => Promise.resolve(lease()),
      isFinishedFunction: () => Promise.resolve(inFlight === 0 && (stopping() || (ready === undefined && o.frontier.isEmpty()))),
    },
    new Configuration({ persistStorage: false }),
  );

  function wake(): void {
    void pool.notify();
  }

  return {
    wake,
    inFlight: () => inFlight,
    async run() {
      const stop = (): void => wake();
      o.signal.addEventListener("abort", stop, { once: true });
      try {
        await pool.run();
      } finally {
        clearTimeout(timer);
        o.signal.removeEventListener("abort", stop);
      }
      if (fatal !== undefined) throw fatal;
    },
  };
}

/** The frontier's key for a request, which the throttle knows hosts by. */
export function hostKey(request: QueuedRequest): string {
  return hostOf(request.url);
}
