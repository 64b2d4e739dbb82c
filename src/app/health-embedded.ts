import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { readSqlite } from "../storage/sqlite-reader.ts";
import type { Check, HealthRow } from "./health.ts";
import { topicNames } from "./topics.ts";
import { bytes } from "./health-words.ts";

const ok = (check: string, found: string, version: string | null = null): HealthRow => ({ check, state: "ok", version, found, todo: null });

/** The parts within the npm install that stand in for services which are not configured. */
export const embeddedChecks = {
  topics: {
    name: "topics",
    unknown: "down",
    run({ settings }) {
      const names = topicNames(settings);
      if (names.length === 0) return Promise.resolve([ok("topics", "embedded, nothing has been written yet")]);
      const files = names.map((name) => join(settings.TOPIC_DIR, `${name}.db`));
      for (const file of files) look(file);
      return Promise.resolve([ok("topics", `embedded, ${names.length} ${names.length === 1 ? "topic" : "topics"}, ${sizeOf(files)}`)]);
    },
  },
  serving: {
    name: "serving",
    unknown: "down",
    run({ settings }) {
      if (!existsSync(settings.SERVING_PATH)) return Promise.resolve([ok("serving", "embedded, nothing has been written yet")]);
      look(settings.SERVING_PATH);
      return Promise.resolve([ok("serving", `embedded, ${sizeOf([settings.SERVING_PATH])}`)]);
    },
  },
  engine: {
    name: "engine",
    unknown: "down",
    async run() {
      const { version } = await import("@duckdb/node-api");
      const number = version().replace(/^v/, "");
      return [ok("engine", `DuckDB ${number}, embedded`, number)];
    },
  },
} satisfies Record<string, Check>;

/** @throws CriticalError when it is no database, or cannot be read */
function look(file: string): void {
  using db = readSqlite(file);
  db.all("SELECT count(*) AS tables FROM sqlite_schema");
}

function sizeOf(files: readonly string[]): string {
  return bytes(files.reduce((sum, file) => sum + statSync(file).size, 0));
}
