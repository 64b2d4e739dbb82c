/**
 * The batch job in a process of its own, up to what it hands to the serving store; there it is counted and dropped. Lines of JSON on standard output:
 * what it has used when the Parquet files and statistics are written (`tables`), when all documents have come (`documents`), and
 * digests of what was written (`digest`), which is not measured.
 */
import { join, relative } from "node:path";
import { readdirSync } from "node:fs";
import { openProject } from "../../src/app/project.ts";
import { withJob } from "../../src/app/run-job-open.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import type { ServingWriter } from "../../src/core/serving.ts";
import { textLiteral } from "../../src/core/schema/sql-text.ts";
import { openDuckDb } from "../../src/storage/duckdb.ts";

function report(phase: string, more: object = {}): void {
  const { user, system } = process.cpuUsage();
  const rss = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ phase, cpu: (user + system) / 1e6, wall: process.uptime(), rss, ...more }));
}

let rows = 0;
async function drain(chunks: AsyncIterable<readonly unknown[]>): Promise<void> {
  if (rows === 0) report("tables");
  for await (const chunk of chunks) rows += chunk.length;
}
const serving: ServingWriter = {
  inspect: (aliases) => Promise.resolve(new Map(aliases.map((alias) => [alias, 0]))),
  buildTable: (table) => drain(table.rows),
  replaceSlice: (slice) => drain(slice.rows),
  async upsert({ documents }) {
    const before = rows;
    await drain(documents);
    return { written: rows - before, kept: 0 };
  },
};

/** By file: rows, and a sum over them that does not depend on their order. */
async function digest(dir: string): Promise<Record<string, string>> {
  await using db = await openDuckDb({ part: "bench", memoryLimit: "1GB" });
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const digests: Record<string, string> = {};
  for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    if (file.endsWith("layout.parquet")) continue; // names the serving store's place
    const [row] = await db.all(
      `SELECT COUNT(*) AS n, CAST(SUM(hash(t)) AS VARCHAR) AS sum FROM read_parquet(${textLiteral(file)}, hive_partitioning = false) AS t`,
    );
    digests[relative(dir, file)] = JSON.stringify(row);
  }
  return digests;
}

const project = await openProject(join(import.meta.dirname, "../.."));
const { settings } = resolveSettings({
  root: project.root,
  project: project.settings,
  env: process.env,
  commandLine: process.argv.slice(2),
});
const log = { debug() {}, info() {}, warn() {}, error() {} };
const signal = new AbortController().signal;
await withJob({ project, job: "bds_batch", settings, log, signal, now: () => new Date() }, "stop", async (open) => {
  const { rowsIn, rowsOut, rejected, duplicates } = await open.build(serving);
  report("documents", { rows });
  report("digest", { result: { rowsIn, rowsOut, rejected, duplicates }, files: await digest(open.version.dir) });
});
