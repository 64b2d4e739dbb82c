import { describe, inject } from "vitest";
import { servingKills } from "../contracts/serving-kills.ts";
import { call, freshAlias, read, storeAt } from "./elasticsearch-store.ts";

const url = inject("elasticsearchUrl");

describe.skipIf(url === undefined)("a run that is killed while it publishes to Elasticsearch", () => {
  servingKills(() => ({
    store: "elasticsearch",
    place: url!,
    alias: freshAlias(url!),
    open: () => storeAt(url!).open({ SERVING_VERSIONS: 1 }),
    async numbers(alias) {
      const counts: Record<string, number> = {};
      for (const { n } of await read(url!, alias)) counts[String(n)] = (counts[String(n)] ?? 0) + 1;
      return counts;
    },
    versions: async (alias) => Object.keys(await call(url!, "GET", `/${alias}-*/_alias?expand_wildcards=all`)),
  }));
});
