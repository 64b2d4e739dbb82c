import { resolve } from "node:path";
import type { Context } from "../core/context.ts";
import type { Serving } from "../core/serving.ts";

/** The serving store that the settings choose: Elasticsearch where ELASTICSEARCH_URL is set, else the embedded one. */
export async function openServing(c: Context, root: string, { acceptChange = false } = {}): Promise<Serving> {
  const { settings, now, log } = c;
  if (settings.ELASTICSEARCH_URL !== undefined) {
    const { openElasticsearchServing } = await import("../sinks/elasticsearch/serving.ts");
    return openElasticsearchServing({ ...c, acceptChange }, resolve(root, settings.REFUSED_DIR));
  }
  const { openEmbeddedServing } = await import("../sinks/embedded-serving.ts");
  return openEmbeddedServing({
    path: resolve(root, settings.SERVING_PATH),
    now,
    log,
    acceptChange,
    versions: settings.SERVING_VERSIONS,
    maxChange: settings.SERVING_MAX_CHANGE,
    maxGrowth: settings.SERVING_MAX_GROWTH,
    minRows: settings.QUALITY_MIN_ROWS,
  });
}
