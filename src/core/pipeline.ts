import type { Context } from "./context.ts";
import type { ItemType } from "./item.ts";

export interface PipelineContext extends Context {
  readonly spider: string;
  readonly item: ItemType;
  readonly crawl: CrawlId;
  /** Where the crawl began: `demo`, or the start URL's host. The two kinds of items must never mix. */
  readonly origin: string;
}

export interface CrawlId {
  /** Counts the crawls of one spider: 1, 2, … */
  readonly id: number;
  readonly startedAt: Date;
}

/** Returned in an item's place: it goes no further and is counted under `reason`, a short stable word. */
export class Drop {
  readonly reason: string;
  readonly detail: string | undefined;

  constructor(reason: string, detail?: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

export function drop(reason: string, detail?: string): Drop {
  return new Drop(reason, detail);
}

/**
 * A step that runs before items are stored. Gets a page's items, returns as many in the same order, each an item or a
 * `drop(…)`. It may be run again on the same page after a crash, so it must not act on the outside world.
 * A throw drops the one item that caused it, with the error as the reason.
 */
export interface Transform<In extends object = object, Out extends object = In> {
  process(items: readonly In[], c: PipelineContext): readonly (Out | Drop)[] | Promise<readonly (Out | Drop)[]>;
  open?(c: PipelineContext): void | Promise<void>;
  close?(c: PipelineContext): void | Promise<void>;
}

/** Items that a delivery is to make durable: a gap-free run of the crawl's outbox. */
export interface OutboxBatch<T extends object = object> {
  /** Outbox sequence numbers of the first and the last item. A batch that is handed over again has the same two. */
  readonly from: number;
  readonly to: number;
  readonly crawl: CrawlId;
  /** That crawl's origin: an earlier crawl's last items can still be on their way. */
  readonly origin: string;
  readonly length: number;
  /** The items as JSON text, as they were stored: no parse needed to pass them on. */
  readonly json: readonly string[];
  /** Their keys (see `itemKey`). */
  readonly keys: readonly string[];
  /** The items, parsed on first use. */
  readonly items: readonly T[];
}

/** When a delivery wants its batch: as soon as one of these is reached, and whatever is left when the crawl closes. */
export interface BatchLimits {
  items: number;
  bytes?: number;
  ageSeconds?: number;
}

/**
 * A step that takes items to the outside. `deliver` resolves when the batch is durable there; the cursor moves after
 * that. After a crash or an error the same batch (same `from` and `to`) is handed over again, so delivering twice must
 * equal delivering once wherever the target allows it.
 */
export interface Delivery<T extends object = object> {
  deliver(batch: OutboxBatch<T>, c: PipelineContext): Promise<void>;
  limits?(c: PipelineContext): BatchLimits;
  open?(c: PipelineContext): void | Promise<void>;
  close?(c: PipelineContext): void | Promise<void>;
}

export type ItemPipeline = Transform | Delivery;

export function defineTransform<In extends object, Out extends object = In>(transform: Transform<In, Out>): Transform<In, Out> {
  return transform;
}

export function defineDelivery<T extends object>(delivery: Delivery<T>): Delivery<T> {
  return delivery;
}

export function isDelivery(pipeline: ItemPipeline): pipeline is Delivery {
  return "deliver" in pipeline;
}
