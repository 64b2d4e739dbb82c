import { setTimeout as sleep } from "node:timers/promises";
import type { NamedPipeline } from "../../core/chain.ts";
import { CriticalError, describeError, TransientError } from "../../core/errors.ts";
import type { Delivery, PipelineContext } from "../../core/pipeline.ts";
import { failpoint } from "../../storage/failpoint.ts";
import type { Outbox } from "../journal/outbox.ts";

const DEFAULT_ITEMS = 500;
const DEFAULT_BYTES = 8 * 1024 * 1024;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;

export interface Deliverer {
  /** Items were stored: take what is due. */
  poke(): void;
  /** Takes all that is left, due or not. Rejects with what stopped a delivery, if one was. */
  drain(): Promise<void>;
  /** Resolves when no delivery is at work any more; to be called once the signal is aborted, before what they use is closed. */
  settled(): Promise<void>;
  /** Undelivered items of the slowest delivery. */
  backlog(): number;
  status(): Readonly<Record<string, DeliveryStatus>>;
}

export interface DeliveryStatus {
  /** Items that it has yet to take. */
  readonly waiting: number;
  /** Items of the crawl that it has made durable. */
  readonly delivered: number;
  /** Tries of this run that failed and were repeated. */
  readonly failed: number;
}

interface Options {
  outbox: Outbox;
  deliveries: readonly NamedPipeline<Delivery>[];
  context: PipelineContext;
  /** A delivery failed for good: the crawl has to stop. */
  onFatal: (error: unknown) => void;
  /** The backlog shrank. */
  onProgress: () => void;
}

/** Drains the outbox into every delivery at its own pace; one that fails
 * with a TransientError tries again with growing pauses while the others go on; any other error stops the crawl, which resumes. */
export function startDeliveries({ outbox, deliveries, context: c, onFatal, onProgress }: Options): Deliverer {
  let closing = false;
  const workers = deliveries.map((d) => worker(d));

  function worker({ name, pipeline }: NamedPipeline<Delivery>) {
    const limits = pipeline.limits?.(c) ?? { items: DEFAULT_ITEMS };
    const { bytes = DEFAULT_BYTES, ageSeconds } = limits;
    // At OUTBOX_MAX_ITEMS the crawl waits for the deliveries: a batch larger than that would never be full.
    const items = Math.min(limits.items, c.settings.OUTBOX_MAX_ITEMS);
    let running: Promise<void> | undefined;
    let aged = false;
    let ageTimer: NodeJS.Timeout | undefined;
    let waiting = outbox.waiting(name);
    let failure: unknown;
    let failed = 0;

    const due = () =>
      waiting > 0 && (closing || aged || waiting >= items || (waiting * averageBytes >= bytes && waiting > 1) || outbox.hasPending(name));
    let averageBytes = 0;

    async function deliver(): Promise<void> {
      while (!c.signal.aborted && due()) {
        const batch = outbox.take(name, { items, bytes });
        if (batch === undefined) break;
        averageBytes = batch.json.reduce((sum, text) => sum + text.length, 0) / batch.length;
        await withRetry(() => pipeline.deliver(batch, c));
        failpoint(`${name}_before_cursor`);
        outbox.confirm(name, batch);
        aged = false;
        waiting = outbox.waiting(name);
        onProgress();
      }
      startAge();
    }

    async function withRetry(work: () => Promise<void>): Promise<void> {
      for (let attempt = 0; ; attempt++) {
        try {
          return await work();
        } catch (error) {
          if (!(error instanceof TransientError)) throw error;
          failed++;
          const pause = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** attempt) * (0.5 + Math.random() / 2);
          c.log.warn(`${name}: cannot deliver, trying again in ${(pause / 1000).toFixed(1)} s`, { error: describeError(error) });
          await sleep(pause, undefined, { signal: c.signal });
        }
      }
    }

    function startAge(): void {
      if (ageSeconds === undefined || ageSeconds <= 0 || ageTimer !== undefined || waiting === 0) return;
      ageTimer = setTimeout(() => {
        ageTimer = undefined;
        aged = true;
        void poke();
      }, ageSeconds * 1000);
      ageTimer.unref();
    }

    function poke(): Promise<void> {
      if (c.signal.aborted) return running ?? Promise.resolve();
      waiting = outbox.waiting(name);
      if (failure !== undefined) return Promise.resolve();
      if (running !== undefined) return running;
      if (!due()) {
        startAge();
        return Promise.resolve();
      }
      running = deliver().then(
        () => void (running = undefined),
        (error: unknown) => {
          running = undefined;
          if (c.signal.aborted && !(error instanceof CriticalError)) return;
          failure = error;
          onFatal(error);
        },
      );
      return running;
    }

    return {
      name,
      poke,
      async drain(): Promise<void> {
        waiting = outbox.waiting(name);
        while (waiting > 0 && failure === undefined && !c.signal.aborted) await poke();
        clearTimeout(ageTimer);
        if (failure !== undefined) throw failure;
      },
      async settled(): Promise<void> {
        clearTimeout(ageTimer);
        await running;
      },
      backlog: () => waiting,
      status: (): DeliveryStatus => ({ waiting, delivered: outbox.delivered(name), failed }),
    };
  }

  return {
    poke: () => workers.forEach((w) => void w.poke()),
    async drain() {
      closing = true;
      const results = await Promise.allSettled(workers.map((w) => w.drain()));
      const failed = results.find((r) => r.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      outbox.trim();
    },
    async settled() {
      await Promise.all(workers.map((w) => w.settled()));
    },
    backlog: () => Math.max(0, ...workers.map((w) => w.backlog())),
    status: () => Object.fromEntries(workers.map((w) => [w.name, w.status()])),
  };
}
