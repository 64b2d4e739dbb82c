import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { CriticalError } from "../core/errors.ts";
import { readSqlite } from "../storage/sqlite-reader.ts";
import type { Check, HealthRow } from "./health.ts";
import { topicNames } from "./topics.ts";
import { bytes } from "./health-words.ts";

const ok = (check: string, found: string, version: string | null = null): HealthRow => ({ check, state: "ok", version, found, todo: null });

/** The parts within the npm install that stand in for services which are not configured. */
export const embeddedChecks = {
  topics: {
    names: ["topics"],
    unknown: "down",
    run({ settings }) {
      const names = topicNames(settings);
      if (names.length === 0) return Promise.resolve([ok("topics", "embedded, nothing has been written yet")]);
      const files = names.map((name) => join(settings.TOPIC_DIR, `${name}.db`));
      for (const file of files) look("topic", file);
      return Promise.resolve([ok("topics", `embedded, ${names.length} ${names.length === 1 ? "topic" : "topics"}, ${sizeOf(files)}`)]);
    },
  },
  serving: {
    names: ["serving"],
    unknown: "down",
    run({ settings }) {
      if (!existsSync(settings.SERVING_PATH)) return Promise.resolve([ok("serving", "embedded, nothing has been written yet")]);
      look("serving", settings.SERVING_PATH);
      return Promise.resolve([ok("serving", `embedded, ${sizeOf([settings.SERVING_PATH])}`)]);
    },
  },
  engine: {
    names: ["engine"],
    unknown: "down",
    async run() {
      const { version } = await import("@duckdb/node-api");
      const number = version().replace(/^v/, "");
      return [ok("engine", `DuckDB ${number}, embedded`, number)];
    },
  },
} satisfies Record<string, Check>;

/** @throws CriticalError when it cannot be read, or is no database */
function look(part: string, file: string): void {
  try {
    using db = readSqlite(file);
    db.all("SELECT count(*) FROM sqlite_schema");
  } catch (cause) {
    throw new CriticalError("storage_unusable", `${part}: cannot read ${file}: bring back a good copy, or move it away`, { cause });
  }
}

/** With what stands beside them, not checkpointed yet: while they are written to that is most of it. */
function sizeOf(files: readonly string[]): string {
  const parts = files.flatMap((file) => [file, `${file}-wal`]);
  return bytes(parts.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0));
}
