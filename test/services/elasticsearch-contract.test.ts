import { describe, inject } from "vitest";
import { servingContract } from "../contracts/serving.ts";
import { call, freshAlias, read, storeAt } from "./elasticsearch-store.ts";

const url = inject("elasticsearchUrl");

describe.skipIf(url === undefined)("the serving contract on Elasticsearch", () => {
  servingContract(() => {
    const store = storeAt(url!);
    return {
      sameAgain: "written",
      alias: () => freshAlias(url!),
      open: ({ maxChange, maxGrowth, minRows, versions, acceptChange = false }) =>
        store.open(
          { SERVING_MAX_CHANGE: maxChange, SERVING_MAX_GROWTH: maxGrowth, QUALITY_MIN_ROWS: minRows, SERVING_VERSIONS: versions },
          { acceptChange },
        ),
      take: async (alias) => void (await call(url!, "PUT", `/${alias}/_doc/1`, { mine: true })),
      read: (alias) => read(url!, alias),
    };
  });
});
