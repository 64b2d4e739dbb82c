import type { NamedPipeline } from "../core/chain.ts";
import { SettingsError } from "../core/errors.ts";
import type { ItemType } from "../core/item.ts";
import type { Delivery, Transform } from "../core/pipeline.ts";
import type { Settings } from "../core/settings.ts";
import type { Spider } from "../core/spider.ts";
import { suggest } from "../core/suggest.ts";
import { loadChain } from "./crawl.ts";
import type { Project } from "./project.ts";

export interface ReplayPlan {
  item: ItemType;
  transforms: readonly NamedPipeline<Transform>[];
  /** None: the items are handed back. */
  deliveries: readonly NamedPipeline<Delivery>[];
  /** All of the chain's transforms run, so the items must fit the schema. */
  whole: boolean;
}

export interface PlanRequest {
  project: Project;
  settings: Settings;
  /** Whose item it is. */
  spider?: Spider | undefined;
  /** The item by name, where no spider is given. */
  item?: string | undefined;
  /** The last pipeline that is to run; default: all. */
  to?: string | undefined;
}

/** Which part of the chain runs, on which items. @throws SettingsError for names that are not known, or where the item is not clear */
export async function planReplay({ project, settings, spider, item, to }: PlanRequest): Promise<ReplayPlan> {
  const { transforms, deliveries } = await loadChain(project, settings);
  const names = [...transforms, ...deliveries].map((p) => p.name);
  const last = to === undefined ? names.length - 1 : names.indexOf(to);
  if (to !== undefined && last === -1)
    throw new SettingsError(
      "unknown_pipeline",
      `replay: --to ${to}: ITEM_PIPELINES has no such pipeline. ${suggest(to, names) ?? `It has: ${names.join(", ") || "none"}`}`,
    );
  return {
    item: spider === undefined ? await findItem(project, item, to) : spider.item,
    transforms: transforms.slice(0, last + 1),
    deliveries: deliveries.slice(0, Math.max(0, last + 1 - transforms.length)),
    whole: last + 1 >= transforms.length,
  };
}

/**
 * The item of that name. Without one, the only item that goes through this chain: spiders with an ITEM_PIPELINES of their
 * own, which the pipeline named is not part of, do not count.
 */
async function findItem(project: Project, name: string | undefined, to: string | undefined): Promise<ItemType> {
  const all = new Map<string, ItemType>();
  const fitting = new Set<string>();
  for (const spiderName of project.names("crawlers")) {
    const { item, settings } = await project.load("crawlers", spiderName);
    all.set(item.name, item);
    const own = settings?.ITEM_PIPELINES;
    if (own === undefined || (to !== undefined && to in own)) fitting.add(item.name);
  }
  const known = [...all.keys()];
  if (name === undefined) {
    const [only, ...others] = fitting;
    if (only !== undefined && others.length === 0) return all.get(only)!;
    throw new SettingsError(
      "no_item",
      `replay: say which items these are: --item NAME or --spider NAME. Items: ${known.join(", ") || "none, for there is no spider"}`,
    );
  }
  const item = all.get(name);
  if (item === undefined)
    throw new SettingsError(
      "unknown_item",
      `replay: no spider yields items called ${JSON.stringify(name)}. ${suggest(name, known) ?? `Known: ${known.join(", ")}`}`,
    );
  return item;
}
