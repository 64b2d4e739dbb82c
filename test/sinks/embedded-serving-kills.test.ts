import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, onTestFinished } from "vitest";
import { openEmbeddedServing } from "../../src/sinks/embedded-serving.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { servingKills } from "../contracts/serving-kills.ts";

const silent = (): void => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

describe("a run that is killed while it publishes to the embedded store", () => {
  servingKills(() => {
    const dir = mkdtempSync(join(tmpdir(), "arachne-serving-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const place = join(dir, "serving.db");
    function query<Row>(sql: string): Promise<Row[]> {
      using db = readSqlite(place);
      return Promise.resolve(db.all<Row>(sql));
    }
    return {
      store: "embedded",
      place,
      alias: "t",
      open: () =>
        Promise.resolve(
          openEmbeddedServing({ path: place, now: () => new Date(), log, maxChange: 0.5, maxGrowth: 10, minRows: 100, versions: 1 }),
        ),
      async numbers(alias) {
        const n = alias.endsWith("_documents") ? "json_extract(document, '$.n')" : "n";
        const rows = await query<{ n: number; count: number }>(`SELECT ${n} AS n, count(*) AS count FROM ${alias} GROUP BY 1`);
        return Object.fromEntries(rows.map((row) => [row.n, row.count]));
      },
      versions: async (alias) =>
        (await query<{ name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '${alias}@%'`)).map(
          (row) => row.name,
        ),
    };
  });
});
