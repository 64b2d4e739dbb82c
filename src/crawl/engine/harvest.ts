import { applyTransforms, type Chain, type ItemCheck } from "../../core/chain.ts";
import { CriticalError, describeError } from "../../core/errors.ts";
import { Follow } from "../../core/follow.ts";
import { itemKey, type ItemType } from "../../core/item.ts";
import type { Page } from "../../core/page.ts";
import type { PipelineContext } from "../../core/pipeline.ts";
import type { Callback, SpiderContext } from "../../core/spider.ts";
import { stringifyWellFormed } from "../../core/well-formed.ts";
import { failpoint } from "../../storage/failpoint.ts";
import type { Harvest, NewRequest, StoredOptions } from "../journal/records.ts";

/** A follow-up that is not asked for, and why: counted in the ledger. */
export type LinkFilter = (follow: Follow & { url: string }, depth: number) => NewRequest | { filtered: string };

export interface HarvestOptions {
  item: ItemType;
  chain: Chain;
  check: ItemCheck;
  /** Whether the item's schema has a field `partial`. */
  marksPartial: boolean;
  link: LinkFilter;
  context: PipelineContext & SpiderContext;
  onFiltered: (reason: string, link: string) => void;
}

export interface Harvester {
  /** Runs a page's callback and the transforms on what it yields. @throws whatever the callback throws */
  page(callback: Callback, page: Page): Promise<Harvest>;
  /** What stands for a page that cannot be had. */
  fallback(stored: string | null): Promise<Harvest>;
}

export const EMPTY: Harvest = { emitted: 0, partial: 0, items: [], rejected: [], follows: [] };

export function createHarvester(options: HarvestOptions): Harvester {
  const { item, chain, check, link, context, onFiltered, marksPartial } = options;
  const partialOf = (fallback: object): object => (marksPartial ? { ...fallback, partial: true } : fallback);

  async function store(yielded: readonly object[], partial: number, follows: readonly NewRequest[]): Promise<Harvest> {
    if (yielded.length === 0) return { ...EMPTY, follows };
    const { items, dropped } = await applyTransforms(chain.transforms, check, yielded, context);
    failpoint("transforms");
    return {
      emitted: yielded.length,
      partial,
      // Serialised here, before any transaction: an item that cannot be is this page's problem alone.
      items: items.map((i) => ({ key: itemKey(item, i as Record<string, unknown>), body: stringifyWellFormed(i) })),
      rejected: dropped.map((d) => ({ reason: d.reason, detail: d.detail, item: JSON.stringify(d.item) })),
      follows,
    };
  }

  return {
    async page(callback, page) {
      const yielded: object[] = [];
      const follows: NewRequest[] = [];
      let partial = 0;
      const take = (y: object): void => {
        if (!(y instanceof Follow)) {
          yielded.push(y);
          return;
        }
        if (y.url === undefined) {
          onFiltered("broken_link", y.link ?? "(no link)");
          if (y.options.fallback !== undefined) {
            yielded.push(partialOf(y.options.fallback));
            partial++;
          }
          return;
        }
        const request = link(y as Follow & { url: string }, page.depth + 1);
        if ("filtered" in request) onFiltered(request.filtered, y.url);
        else follows.push(request);
        if ("filtered" in request && y.options.fallback !== undefined) {
          yielded.push(partialOf(y.options.fallback));
          partial++;
        }
      };
      const yields = callback(page, context);
      if (Symbol.asyncIterator in yields) for await (const y of yields) take(y);
      else for (const y of yields) take(y);
      failpoint("parse");
      return store(yielded, partial, follows);
    },
    async fallback(stored) {
      const options = stored === null ? undefined : (JSON.parse(stored) as StoredOptions);
      if (options?.fallback === undefined) return EMPTY;
      try {
        return await store([partialOf(options.fallback)], 1, []);
      } catch (error) {
        if (error instanceof CriticalError) throw error;
        // A page's items fail with their page; a fallback has none, and would end this run and every later one.
        const item = JSON.stringify(options.fallback);
        return { ...EMPTY, emitted: 1, partial: 1, rejected: [{ reason: "fallback_error", detail: describeError(error), item }] };
      }
    },
  };
}
