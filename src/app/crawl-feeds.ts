import { resolve } from "node:path";
import type { NamedPipeline } from "../core/chain.ts";
import type { Delivery } from "../core/pipeline.ts";
import { feedDelivery } from "../feeds/one-file.ts";

/** Behind every order that ITEM_PIPELINES allows. */
const LAST = 1001;

/** The deliveries of `-o` and `-O`; named by their files, so that a crawl resumed with the same file goes on in it. */
export function crawlFeeds({
  append,
  overwrite,
}: {
  append: string | undefined;
  overwrite: string | undefined;
}): NamedPipeline<Delivery>[] {
  const feed = (file: string | undefined, replaces: boolean): NamedPipeline<Delivery>[] =>
    file === undefined ? [] : [{ name: file, order: LAST, pipeline: feedDelivery(resolve(file), { overwrite: replaces }) }];
  return [...feed(append, false), ...feed(overwrite, true)];
}
