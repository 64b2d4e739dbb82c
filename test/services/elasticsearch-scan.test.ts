import { describe, inject } from "vitest";
import { settingsSchema } from "../../src/core/settings-schema.ts";
import { scanElasticsearch } from "../../src/sinks/elasticsearch/scan.ts";
import { servedScanContract } from "../contracts/served-scan.ts";
import { freshAlias, storeAt } from "./elasticsearch-store.ts";

const url = inject("elasticsearchUrl");

describe.skipIf(url === undefined)("reading all documents of Elasticsearch", () => {
  servedScanContract(() => {
    const store = storeAt(url!);
    const settings = settingsSchema.parse({ ELASTICSEARCH_URL: url });
    return {
      alias: () => freshAlias(url!),
      open: () => store.open(),
      scan: (alias, item) => scanElasticsearch({ settings, alias, item, signal: new AbortController().signal }),
    };
  });
});
