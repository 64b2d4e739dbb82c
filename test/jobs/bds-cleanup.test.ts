import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openRunHistory } from "../../src/app/run-history.ts";
import { openTopic } from "../../src/app/topics.ts";
import { MIGRATIONS } from "../../src/crawl/journal/schema.ts";
import { settingsSchema } from "../../src/core/settings-schema.ts";
import { openDatabase } from "../../src/storage/sqlite.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { batchPlace, type BatchPlace } from "./batch-run.ts";
import { listing, listings } from "./listings.ts";

const DAY = 86_400_000;
const age = (path: string, days: number): void => utimesSync(path, new Date(), new Date(Date.now() - days * DAY));
const names = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir).filter((name) => !name.startsWith(".")) : []).sort();
const archive = (place: BatchPlace): string => join(place.dir, "archive");
const manifestOf = (dir: string, file: string): string => join(dir, ".manifest", `${basename(file)}.json`);

async function cleanUp(place: BatchPlace, ...settings: string[]): Promise<Record<string, { count: unknown; freed: unknown }>> {
  const { result } = await place.runJob({ job: "bds_cleanup", settings });
  return Object.fromEntries(result.tables[0]!.rows.map(([what, count, freed]) => [String(what), { count, freed }]));
}

test("taken files older than ARCHIVE_AFTER_DAYS move to the archive with their manifests; younger ones, and those not taken, stay", async () => {
  const place = batchPlace();
  const files = await place.feed(listings(30), { size: 10 });
  await place.run();
  const [late] = await place.feed([listing(100)]);
  for (const file of [files[0]!, files[1]!, late!]) age(file, 8);
  const bytes = readFileSync(files[0]!);
  expect(await cleanUp(place)).toMatchObject({ "batch files archived": { count: 2, freed: 0 } });
  expect(names(place.input)).toEqual([files[2]!, late!].map((file) => basename(file)).sort());
  expect(names(archive(place))).toEqual([files[0]!, files[1]!].map((file) => basename(file)).sort());
  expect(readFileSync(join(archive(place), basename(files[0]!)))).toEqual(bytes);
  for (const file of files.slice(0, 2)) {
    expect(existsSync(manifestOf(archive(place), file))).toBe(true);
    expect(existsSync(manifestOf(place.input, file))).toBe(false);
  }
  for (const file of [files[2]!, late!]) expect(existsSync(manifestOf(place.input, file))).toBe(true);
  expect((await place.runJob({ job: "bds_stats" })).result).toMatchObject({ rowsIn: 31, rowsOut: 31 });
  expect((await place.run()).result).toMatchObject({ rowsIn: 31, rowsOut: 31, duplicates: 0 });
});

test("archived files go after ARCHIVE_RETENTION_DAYS, never with 0, and their listings stay in what bds_stats publishes", async () => {
  const place = batchPlace();
  const files = await place.feed(listings(20), { size: 10 });
  await place.run();
  age(files[0]!, 40);
  const size = statSync(files[0]!).size;
  await cleanUp(place);
  expect(names(archive(place))).toHaveLength(1);
  expect(await cleanUp(place, "ARCHIVE_RETENTION_DAYS=30")).toMatchObject({ "archived files removed": { count: 1, freed: size } });
  expect(names(archive(place))).toEqual([]);
  expect(readdirSync(join(archive(place), ".manifest"))).toEqual([]);
  await place.feed([listing(100)]);
  expect((await place.runJob({ job: "bds_stats" })).result).toMatchObject({ rowsOut: 21 });
});

test("an archived file that the published output does not hold is not removed, however old", async () => {
  const place = batchPlace();
  await place.feed([listing(1)]);
  await place.run();
  const [file] = await place.feed([listing(2)]);
  mkdirSync(archive(place), { recursive: true });
  const own = join(archive(place), basename(file!));
  renameSync(file!, own); // by hand, with no manifest
  age(own, 400);
  expect(await cleanUp(place, "ARCHIVE_RETENTION_DAYS=30")).toMatchObject({ "archived files removed": { count: 0 } });
  await place.runJob({ job: "bds_stats" });
  expect(await cleanUp(place, "ARCHIVE_RETENTION_DAYS=30")).toMatchObject({ "archived files removed": { count: 1 } });
});

test("nothing is archived of what an output of an earlier day has left out in part: it stands nowhere else", async () => {
  const place = batchPlace();
  const [file] = await place.feed([listing(1), listing(2, { crawled_at: "2026-11-20T20:00:00.000Z" })]);
  await place.runJob({ date: "2026-11-20", now: new Date("2026-11-21T10:00:00Z") });
  age(file!, 40);
  expect(await cleanUp(place)).toMatchObject({ "batch files archived": { count: 0 } });
  await place.run();
  expect(await cleanUp(place)).toMatchObject({ "batch files archived": { count: 1 } });
});

test("without a published output nothing is archived", async () => {
  const place = batchPlace();
  const [file] = await place.feed(listings(3));
  age(file!, 100);
  expect(await cleanUp(place)).toMatchObject({ "batch files archived": { count: 0 } });
  expect(existsSync(file!)).toBe(true);
});

for (const point of ["archive_manifest_after_rename", "archive_moved"])
  test(`killed at ${point}: each file is read once, with its manifest, and the next run ends what was begun`, async () => {
    const place = batchPlace();
    const files = await place.feed(listings(30), { size: 10 });
    await place.run();
    for (const file of files) age(file, 8);
    expect((await place.runProcess({ ARACHNE_FAILPOINT: `${point}:2`, BATCH_TEST_JOB: "bds_cleanup" })).signal).toBe("SIGKILL");
    expect((await place.run()).result).toMatchObject({ rowsIn: 30, rowsOut: 30, duplicates: 0 });
    await cleanUp(place);
    expect(names(place.input)).toEqual([]);
    expect(readdirSync(join(place.input, ".manifest"))).toEqual([]);
    expect(names(archive(place))).toHaveLength(3);
    expect(readdirSync(join(archive(place), ".manifest"))).toHaveLength(3);
    expect((await place.run()).result).toMatchObject({ rowsIn: 30, rowsOut: 30, duplicates: 0 });
  });

const SHARED_MEMORY = "/dev/shm";
const otherDisk = existsSync(SHARED_MEMORY) && statSync(SHARED_MEMORY).dev !== statSync(tmpdir()).dev;

test.skipIf(!otherDisk)(
  "an archive on another disk gets whole copies; killed before the original is gone, there is still one file",
  async () => {
    const place = batchPlace();
    const dir = mkdtempSync(join(SHARED_MEMORY, "arachne-archive-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const there = `BATCH_ARCHIVE_DIR=${dir}`;
    const files = await place.feed(listings(20), { size: 10 });
    await place.run();
    for (const file of files) age(file, 8);
    const bytes = readFileSync(files[0]!);
    expect(
      (await place.runProcess({ ARACHNE_FAILPOINT: "archive_copy_after_rename:1", BATCH_TEST_JOB: "bds_cleanup" }, there)).signal,
    ).toBe("SIGKILL");
    expect(names(place.input)).toHaveLength(2);
    expect(names(dir)).toHaveLength(1);
    expect((await place.run(there)).result).toMatchObject({ rowsIn: 20, duplicates: 0 });
    expect(await cleanUp(place, there)).toMatchObject({ "batch files archived": { count: 2 } });
    expect(names(place.input)).toEqual([]);
    expect(readFileSync(join(dir, basename(files[0]!)))).toEqual(bytes);
    expect(Date.now() - statSync(join(dir, basename(files[1]!))).mtimeMs).toBeGreaterThan(7 * DAY);
    expect((await place.run(there)).result).toMatchObject({ rowsIn: 20, duplicates: 0 });
  },
);

test("a file that stands in both folders, as a copy that was cut short leaves it, is one; another of the same name stays where it is", async () => {
  const place = batchPlace();
  const [same, other] = await place.feed(listings(20), { size: 10 });
  await place.run();
  mkdirSync(archive(place));
  writeFileSync(join(archive(place), basename(same!)), readFileSync(same!));
  writeFileSync(join(archive(place), basename(other!)), "[]");
  for (const file of [same!, other!]) age(file, 8);
  expect(await cleanUp(place)).toMatchObject({ "batch files archived": { count: 1 } });
  expect(names(place.input)).toEqual([basename(other!)]);
  expect((await place.run()).result).toMatchObject({ rowsIn: 20, rowsOut: 20, duplicates: 0 });
});

test("old logs, refused documents, rejected items, messages and versions go; fresh ones stay", async () => {
  const place = batchPlace();
  await place.feed(listings(5));
  for (let run = 0; run < 3; run++) await place.run();
  for (const [dir, name] of [
    ["logs", "a.log"],
    ["logs", "b.log"],
    ["refused", "a.jsonl"],
    ["refused", "b.jsonl"],
  ] as const) {
    mkdirSync(join(place.dir, dir), { recursive: true });
    writeFileSync(join(place.dir, dir, name), "12345");
    if (name.startsWith("a")) age(join(place.dir, dir, name), 31);
  }
  journal(place, "old", 31);
  journal(place, "fresh", 1);
  runs(place, 31, 2);
  runs(place, 1, 2);
  await messages(place, [new Date(Date.now() - 8 * DAY), new Date()]);
  expect(await cleanUp(place, "OUTPUT_VERSIONS=1")).toMatchObject({
    "logs of runs": { count: 1, freed: 5 },
    "files of refused documents": { count: 1, freed: 5 },
    "runs in the history": { count: 1, freed: null },
    "rejected items of crawls": { count: 1, freed: null },
    "messages of topics": { count: 1 },
    "versions of the output": { count: 2 },
  });
  expect(names(join(place.dir, "logs"))).toEqual(["b.log"]);
  expect(names(`${place.output}.versions`)).toHaveLength(1);
  expect(await place.rows("listings", "SELECT COUNT(*) AS n FROM t")).toEqual([{ n: 5 }]);
});

test("listings that are gone are marked where they are served, and nothing is removed there", async () => {
  const place = batchPlace();
  await place.feed([listing(1, { crawled_at: "2026-06-01T00:00:00.000Z" }), listing(2, { crawled_at: "2026-11-01T00:00:00.000Z" })]);
  await place.run();
  const goneAt = (): unknown[] => {
    using db = readSqlite(place.serving);
    return db
      .all<{ at: string | null }>("SELECT json_extract(document, '$.gone_at') AS at FROM batdongsan ORDER BY key")
      .map((row) => row.at);
  };
  expect(goneAt()).toEqual(["2026-07-01T00:00:00.000Z", null]);
  const db = openDatabase(place.serving, { migrations: servingMigrations(place) });
  db.exec(`UPDATE "batdongsan@documents" SET document = json_set(document, '$.gone_at', NULL)`);
  db.close();
  const { result } = await place.runJob({ job: "bds_cleanup" });
  expect(goneAt()).toEqual(["2026-07-01T00:00:00.000Z", null]);
  expect(result.notes).toContain("gone: 1");
});

/** As many as the file has had, so that it opens as it is. */
function servingMigrations(place: BatchPlace): string[] {
  using db = readSqlite(place.serving);
  return Array.from({ length: db.all<{ user_version: number }>("PRAGMA user_version")[0]!.user_version }, () => "");
}

/** Runs of one job for one date, so many days ago. */
function runs(place: BatchPlace, days: number, count: number): void {
  const then = new Date(Date.now() - days * DAY);
  using history = openRunHistory({ settings: { STATE_DIR: join(place.dir, "state") }, now: () => then });
  for (let n = 0; n < count; n++)
    history.begin({ job: "bds_stats", date: then.toISOString().slice(0, 10), trigger: "manual" }).end({ state: "succeeded" });
}

function journal(place: BatchPlace, name: string, days: number): void {
  const db = openDatabase(join(place.dir, "state", `${name}.db`), { migrations: MIGRATIONS });
  const ended = new Date(Date.now() - days * DAY).toISOString();
  db.prepare("INSERT INTO crawl (started_at, finished_at, origin, args) VALUES (?, ?, 'demo', '{}')").run(ended, ended);
  db.exec("INSERT INTO rejected (crawl, url, reason, item) VALUES (1, 'u', 'title: required', '{}')");
  db.close();
}

async function messages(place: BatchPlace, times: readonly Date[]): Promise<void> {
  const settings = { ...settingsSchema.parse({ TOPIC_DIR: join(place.dir, "topics"), TOPIC_RETENTION_HOURS: 0 }) } as Parameters<
    typeof openTopic
  >[1]["settings"];
  for (const time of times) {
    const topic = await openTopic("batdongsan", { settings, now: () => time, log: { debug() {}, info() {}, warn() {}, error() {} } });
    await using producer = await topic.producer();
    await producer.send([{ key: "k", value: "v" }]);
    await topic.close();
  }
}
