import { afterAll, describe, expect, test } from "vitest";
import { CLICKHOUSE_VERSION } from "../../scripts/services/chdb.ts";
import { benchOf, entries, idsOf, offers } from "./clickhouse-bench.ts";
import { faultTests } from "./clickhouse-faults.ts";
import { rowTests } from "./clickhouse-rows.ts";
import { losingProxy, startStore } from "./clickhouse-store.ts";

const store = await startStore({ version: CLICKHOUSE_VERSION, timezone: "Asia/Ho_Chi_Minh" });
afterAll(() => store?.remove());

describe.skipIf(store === undefined)(`rows in ClickHouse ${CLICKHOUSE_VERSION}`, () => {
  const on = benchOf(CLICKHOUSE_VERSION, store!);

  test("it is that version, over its own HTTP", async () => {
    const [{ version } = { version: "" }] = await store!.sql<{ version: string }>("SELECT version() AS version");
    expect(version.split(".").slice(0, 2).join(".")).toBe(CLICKHOUSE_VERSION);
    const unknown = await fetch(`${store!.url}/?query=SELECT+1+FROM+nowhere`);
    expect(unknown.headers.get("x-clickhouse-exception-code")).toBe("60");
  });

  test("its table has a deduplication window, and each insert a token of its rows", async () => {
    const tokens: string[] = [];
    const port = await losingProxy(store!.url, (url) => {
      if (url.includes("INSERT")) tokens.push(new URL(url, store!.url).searchParams.get("insert_deduplication_token") ?? "none");
      return false;
    });
    const p = on.real({ CLICKHOUSE_PORT: port });
    const writer = await p.open();
    await writer.write(entries(offers(0, 10)));
    await writer.write(entries(offers(10, 20), 10));
    expect(new Set(tokens).size).toBe(2);
    // The same block with its token once more, behind the sink's back, is dropped by the server itself; with another it is not.
    const insert = `INSERT INTO ${p.table} (id, n, at, note)`;
    const values = `VALUES ('o30', 30, 0, NULL)`;
    for (const token of ["one", "one", "two"]) await store!.sql(`${insert} SETTINGS insert_deduplication_token = '${token}' ${values}`);
    expect(await store!.sql(`SELECT count() AS n FROM ${p.table} WHERE id = 'o30'`)).toEqual([{ n: "2" }]);
  });

  test("a table of newer types is taken as its own", async () => {
    const p = on.real();
    await store!.sql(
      `CREATE TABLE ${p.table} (id LowCardinality(String) CODEC(ZSTD), n Int64 CODEC(Delta, LZ4), at DateTime, note Nullable(String), processed_at DateTime DEFAULT now(), hour DateTime MATERIALIZED toStartOfHour(at)) ENGINE = MergeTree ORDER BY at TTL at + INTERVAL 100 YEAR`,
    );
    expect(await (await p.open()).write(entries(offers(0, 50)))).toMatchObject({ written: 50 });
    expect(await (await p.open()).write(entries(offers(0, 60)))).toMatchObject({ written: 10, kept: 50 });
    expect(await p.ids()).toEqual(idsOf(offers(0, 60)));
  });

  rowTests(on);
  faultTests(on, 3);
});
