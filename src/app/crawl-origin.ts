import { SettingsError } from "../core/errors.ts";
import type { Spider, SpiderContext } from "../core/spider.ts";
import { DEMO, startRequests } from "../crawl/engine/start.ts";
import type { ResolvedSettings, SettingInfo } from "./settings.ts";

/** Each switches a part to the real thing: what is crawled then no longer stays in this folder. */
const REAL_SERVICES = ["ELASTICSEARCH_URL", "KAFKA_BOOTSTRAP_SERVERS", "SPARK_REMOTE", "CLICKHOUSE_HOST", "POSTGRES_URL"];

/** Where a crawl's items come from: `demo`, or the host of its first start URL. Kept with the crawl, so that the two never mix. */
export async function originOf(spider: Spider, c: SpiderContext, root: string): Promise<string> {
  for await (const { url } of startRequests(spider, c, root)) {
    const host = new URL(url).host;
    return host === spider.demo?.host ? DEMO : host;
  }
  throw new SettingsError("no_start_urls", "spider: there is no start URL: check startUrls and its arguments");
}

/** Which site is crawled, and the setting that says so where there is one. */
export function whatAndWhy(origin: string, resolved: ResolvedSettings): string {
  const says = settingThatSays(origin, resolved);
  const why = says === undefined ? "" : `: ${says.name} is ${String(says.value).replace(/\/\/[^/?#@]*@/, "//")} (${says.origin})`;
  return `crawling ${origin === DEMO ? "the demo site" : origin}${why}`;
}

/**
 * Made-up listings must not reach a real store because nobody named a site.
 * @throws SettingsError `demo_by_default` when a real service is configured and only a setting's default leads to the demo site
 */
export function refuseDemoByDefault(origin: string, resolved: ResolvedSettings): void {
  const says = settingThatSays(origin, resolved);
  if (origin !== DEMO || says?.origin !== "default") return;
  const service = REAL_SERVICES.find((name) => resolved.origin(name) !== "default");
  if (service === undefined) return;
  throw new SettingsError(
    "demo_by_default",
    `crawl: ${service} is a real service, and only ${says.name}'s default names the demo site: name the start URL: -s ${says.name}=demo, or the site's`,
  );
}

function settingThatSays(origin: string, { info }: ResolvedSettings): SettingInfo | undefined {
  return info.find(({ value }) => value === origin || (typeof value === "string" && URL.canParse(value) && new URL(value).host === origin));
}
