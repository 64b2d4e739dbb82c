import { describeError } from "../core/errors.ts";
import { isDelivery } from "../core/pipeline.ts";
import type { Spider, SpiderContext } from "../core/spider.ts";
import { checkStream, placesOf } from "../core/stream.ts";
import type { Project } from "./project.ts";

export interface SpiderEntry {
  name: string;
  /** Name of its item. */
  item: string;
  /** Its first start URL, or in words where that is not known before a run. */
  start: string;
  description: string;
  browser: boolean;
  demo: boolean;
}

export interface PipelineEntry {
  name: string;
  kind: "transform" | "delivery";
  /** From ITEM_PIPELINES; null: not in use. */
  order: number | null;
}

export interface StreamEntry {
  name: string;
  topic: string;
  description: string;
}

export interface JobEntry {
  name: string;
  /** Its cron expression. */
  schedule: string | null;
  description: string;
}

export interface Inventory {
  spiders: SpiderEntry[];
  pipelines: PipelineEntry[];
  streams: StreamEntry[];
  jobs: JobEntry[];
  /** Files that could not be loaded, and why: one broken file must not hide the others. */
  broken: { name: string; error: string }[];
}

/** What the project has, in the order of names; pipelines in the order they run. */
export async function inventory(project: Project, c: SpiderContext): Promise<Inventory> {
  const broken: Inventory["broken"] = [];
  async function each<P, E>(
    kind: "crawlers" | "pipelines" | "streams" | "jobs",
    load: (name: string) => Promise<P>,
    entry: (name: string, part: P) => E,
  ): Promise<E[]> {
    const entries = await Promise.all(
      project.names(kind).map(async (name) => {
        try {
          return entry(name, await load(name));
        } catch (error) {
          broken.push({ name: `${kind}/${name}.ts`, error: describeError(error) });
          return undefined;
        }
      }),
    );
    return entries.filter((e) => e !== undefined);
  }
  const orders = c.settings.ITEM_PIPELINES;
  const spiders = await each(
    "crawlers",
    (name) => project.load("crawlers", name),
    (name, spider) => describeSpider(name, spider, c),
  );
  const pipelines = await each(
    "pipelines",
    (name) => project.load("pipelines", name),
    (name, p): PipelineEntry => ({ name, kind: isDelivery(p) ? "delivery" : "transform", order: orders[name] ?? null }),
  );
  const streams = await each(
    "streams",
    (name) => project.load("streams", name),
    (name, stream): StreamEntry => {
      checkStream(name, stream);
      return { name, topic: placesOf(name, stream, c).topic, description: stream.description ?? "" };
    },
  );
  const jobs = await each(
    "jobs",
    (name) => project.load("jobs", name),
    (name, job): JobEntry => ({ name, schedule: job.schedule ?? null, description: job.description ?? "" }),
  );
  pipelines.sort((a, b) => (a.order ?? Infinity) - (b.order ?? Infinity) || a.name.localeCompare(b.name));
  return { spiders, pipelines, streams, jobs, broken };
}

function describeSpider(name: string, spider: Spider, c: SpiderContext): SpiderEntry {
  return {
    name,
    item: spider.item.name,
    start: startOf(spider, c),
    description: spider.description ?? "",
    browser: spider.browser === true,
    demo: spider.demo !== undefined,
  };
}

function startOf({ startUrls: start }: Spider, c: SpiderContext): string {
  if (typeof start === "function") return startOfFunction(start, c);
  if ("file" in start) return `file ${start.file}`;
  if ("sitemap" in start) return `sitemap ${typeof start.sitemap === "string" ? start.sitemap : (start.sitemap[0] ?? "")}`;
  return start[0] ?? "";
}

/** Only what a function gives at once is shown: an asynchronous one may fetch, and may need arguments. */
function startOfFunction(start: (c: SpiderContext) => Iterable<string> | AsyncIterable<string>, c: SpiderContext): string {
  try {
    const urls = start(c);
    if (Symbol.iterator in urls) for (const url of urls) return url;
  } catch {
    // It wants arguments.
  }
  return "(computed)";
}
