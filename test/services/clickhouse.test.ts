import { afterAll, describe } from "vitest";
import { CLICKHOUSE_OLDEST } from "../../scripts/services/clickhouse-debian.ts";
import { benchOf } from "./clickhouse-bench.ts";
import { faultTests } from "./clickhouse-faults.ts";
import { rowTests } from "./clickhouse-rows.ts";
import { startStore } from "./clickhouse-store.ts";

const store = await startStore({ version: CLICKHOUSE_OLDEST });
afterAll(() => store?.remove());

describe.skipIf(store === undefined)(`rows in ClickHouse ${CLICKHOUSE_OLDEST}`, () => {
  const on = benchOf(CLICKHOUSE_OLDEST, store!);
  rowTests(on);
  faultTests(on, 9);
});
