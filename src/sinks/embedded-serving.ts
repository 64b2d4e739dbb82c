import type { Logger } from "../core/context.ts";
import { describeError } from "../core/errors.ts";
import type { Serving } from "../core/serving.ts";
import { failpoint } from "../storage/failpoint.ts";
import { openDatabase } from "../storage/sqlite.ts";
import { refuseChange, type ServingBounds } from "./bounds.ts";
import { prepare, upsert } from "./embedded/documents.ts";
import { MIGRATIONS } from "./embedded/schema.ts";
import { replaceSlice } from "./embedded/slices.ts";
import { buildTable } from "./embedded/tables.ts";
import { currentOf, drop, inspect, newVersion, prune, requireOwn, rollback, rowsOf, servedNames, show } from "./embedded/versions.ts";

export interface EmbeddedServingOptions extends ServingBounds {
  path: string;
  now: () => Date;
  log: Logger;
}

/** The serving store in one SQLite file (WAL): views as aliases over versioned tables, and tables of JSON documents by key. */
export function openEmbeddedServing({ path, now, log, ...bounds }: EmbeddedServingOptions): Serving {
  const db = openDatabase(path, { migrations: MIGRATIONS, cacheKiB: 64_000 });
  const building = new Set<string>();
  const built = new Map<string, string>();
  return {
    place: path,
    // oxlint-disable-next-line require-await -- so that what it throws is a rejection
    inspect: async (aliases) => inspect(db, aliases),
    // oxlint-disable-next-line require-await -- as above
    prepare: async ({ alias }) => prepare(db, alias),
    async buildTable(table) {
      const { alias, grows = false } = table;
      requireOwn(db, alias, "table");
      const name = newVersion(db, alias, now());
      building.add(name);
      const current = currentOf(db, alias);
      const from = current === undefined ? undefined : rowsOf(db, current);
      refuseChange({ alias, from, to: await buildTable(db, name, table), grows }, bounds);
      built.set(alias, name);
      failpoint("serving_table_built");
    },
    replaceSlice: (slice) => replaceSlice(db, slice, log),
    upsert: (documents) => upsert(db, documents),
    // oxlint-disable-next-line require-await -- as above
    async publish() {
      failpoint("serving_before_swap");
      db.transaction(() => {
        for (const [alias, table] of built) {
          show(db, alias, table);
          db.prepare("INSERT INTO version (alias, name) VALUES (?, ?)").run(alias, table);
        }
      });
      const moved = [...built.keys()];
      built.clear();
      building.clear();
      failpoint("serving_after_swap");
      try {
        for (const alias of moved) prune(db, alias, bounds.versions);
        failpoint("serving_after_prune");
        db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      } catch (error) {
        log.warn(`serving: ${moved.join(", ")}: published, but old versions in ${path} could not be removed: ${describeError(error)}`);
      }
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
