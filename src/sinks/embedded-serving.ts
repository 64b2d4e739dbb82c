import type { Serving } from "../core/serving.ts";
import { failpoint } from "../storage/failpoint.ts";
import { openDatabase } from "../storage/sqlite.ts";
import { refuseChange, type ServingBounds } from "./bounds.ts";
import { upsert } from "./embedded/documents.ts";
import { MIGRATIONS } from "./embedded/schema.ts";
import { replaceSlice } from "./embedded/slices.ts";
import { buildTable } from "./embedded/tables.ts";
import { currentOf, drop, inspect, newVersion, prune, rollback, rowsOf, servedNames, show } from "./embedded/versions.ts";

export interface EmbeddedServingOptions extends ServingBounds {
  path: string;
  now: () => Date;
}

/** The serving store in one SQLite file (WAL): views as aliases over versioned tables, and tables of JSON documents by key. */
export function openEmbeddedServing({ path, now, ...bounds }: EmbeddedServingOptions): Serving {
  const db = openDatabase(path, { migrations: MIGRATIONS, cacheKiB: 64_000 });
  const building: string[] = [];
  const built = new Map<string, { table: string; rows: number; grows: boolean }>();
  return {
    place: path,
    // oxlint-disable-next-line require-await -- so that what it throws is a rejection
    inspect: async (aliases) => inspect(db, aliases),
    async buildTable(table) {
      const name = newVersion(db, table.alias, now());
      building.push(name);
      built.set(table.alias, { table: name, rows: await buildTable(db, name, table), grows: table.grows === true });
      failpoint("serving_table_built");
    },
    replaceSlice: (slice) => replaceSlice(db, slice),
    upsert: (documents) => upsert(db, documents),
    // oxlint-disable-next-line require-await -- as above
    async publish({ acceptChange = false } = {}) {
      const rowsNow = (alias: string): number | undefined => {
        const current = currentOf(db, alias);
        return current === undefined ? undefined : rowsOf(db, current);
      };
      if (!acceptChange)
        refuseChange(
          [...built].map(([alias, { rows, grows }]) => ({ alias, from: rowsNow(alias), to: rows, grows })),
          bounds,
        );
      failpoint("serving_before_swap");
      db.transaction(() => {
        for (const [alias, { table }] of built) {
          show(db, alias, table);
          db.prepare("INSERT INTO version (alias, name) VALUES (?, ?)").run(alias, table);
        }
      });
      failpoint("serving_after_swap");
      for (const alias of built.keys()) prune(db, alias, bounds.versions);
      failpoint("serving_after_prune");
      building.length = 0;
      built.clear();
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    },
    // oxlint-disable-next-line require-await -- as above
    names: async () => servedNames(db),
    // oxlint-disable-next-line require-await -- as above
    rollback: async (alias) => rollback(db, alias),
    [Symbol.asyncDispose]() {
      for (const table of building) drop(db, table);
      db.close();
      return Promise.resolve();
    },
  };
}
