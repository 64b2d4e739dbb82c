/** A run in a process of its own, to be killed. Arguments: store, place, alias, n. */
import { settingsSchema } from "../../src/core/settings-schema.ts";
import type { Serving } from "../../src/core/serving.ts";
import { serveRun } from "./serving-run.ts";

const [store = "", place = "", alias = "", n = ""] = process.argv.slice(2);

async function open(): Promise<Serving> {
  const now = (): Date => new Date();
  const silent = (): void => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  if (store === "embedded") {
    const { openEmbeddedServing } = await import("../../src/sinks/embedded-serving.ts");
    return openEmbeddedServing({ path: place, now, log, maxChange: 0.5, maxGrowth: 10, minRows: 100, versions: 1 });
  }
  const { openElasticsearchServing } = await import("../../src/sinks/elasticsearch/serving.ts");
  const settings = { ...settingsSchema.parse({}), ELASTICSEARCH_URL: place, SERVING_VERSIONS: 1 };
  return openElasticsearchServing({ settings, log, signal: new AbortController().signal, now }, "");
}

await serveRun(await open(), alias, Number(n));
