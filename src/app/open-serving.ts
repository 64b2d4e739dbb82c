import { resolve } from "node:path";
import type { Context } from "../core/context.ts";
import type { Serving } from "../core/serving.ts";

/** The serving store that the settings choose: Elasticsearch where ELASTICSEARCH_URL is set, else the embedded one. */
export async function openServing(c: Context, root: string): Promise<Serving> {
  const { settings, now } = c;
  if (settings.ELASTICSEARCH_URL !== undefined) {
    const { openElasticsearchServing } = await import("../sinks/elasticsearch/serving.ts");
    return openElasticsearchServing(c, resolve(root, settings.REFUSED_DIR));
  }
  const { openEmbeddedServing } = await import("../sinks/embedded-serving.ts");
  return openEmbeddedServing({
    path: resolve(root, settings.SERVING_PATH),
    now,
    versions: settings.SERVING_VERSIONS,
    maxChange: settings.SERVING_MAX_CHANGE,
    minRows: settings.QUALITY_MIN_ROWS,
  });
}
