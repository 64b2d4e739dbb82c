import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openJournal, type Journal } from "../../../src/sinks/clickhouse/journal.ts";
import { openDatabase } from "../../../src/storage/sqlite.ts";

const at = (path: string): Journal => openJournal(path, "http://c:8123/default/t", () => new Date());
const entries = Array.from({ length: 500 }, (_, offset) => ({ partition: 0, offset, seconds: offset, key: [`k${offset}`] }));

test.each([
  ["cut in the middle", (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 9_000)), /malformed|damaged/],
  [
    "overwritten",
    (file: string) => writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, 4_096), Buffer.alloc(30_000, 7)])),
    /malformed|damaged/,
  ],
  ["no database at all", (file: string) => writeFileSync(file, "{}".repeat(4_000)), /not a database/],
  [
    "a newer version's",
    (file: string) => {
      const db = openDatabase(file, { migrations: [""] });
      db.exec("PRAGMA user_version=99");
      db.close();
    },
    /newer Arachne/,
  ],
] as const)("a journal that is %s stops the sink with a way out, and the way out works", (_, harm, why) => {
  const dir = mkdtempSync(join(tmpdir(), "arachne-journal-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const written = join(dir, "written.db");
  const journal = at(written);
  journal.record({ query: "q", entries });
  expect(journal.pending()).toEqual([{ query: "q", entries }]);
  journal.close();
  const db = openDatabase(written, { migrations: [""] });
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  // A copy: libsql lets go of a file some time after it was closed, and that one must not change under it.
  const path = join(dir, "s.rows.db");
  writeFileSync(path, readFileSync(written));
  harm(path);
  expect(() => at(path)).toThrow(expect.objectContaining({ name: "CriticalError", code: "checkpoint_unusable" }));
  expect(() => at(path)).toThrow(why);
  expect(() => at(path)).toThrow(/s\.rows\.db cannot be used.*or remove it/);
  for (const ending of ["", "-wal", "-shm"]) rmSync(path + ending, { force: true });
  const anew = at(path);
  expect(anew.pending()).toEqual([]);
  anew.close();
});
