import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { acquireLock } from "../../src/storage/lock.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { batchPlace, type BatchPlace } from "./batch-run.ts";
import { outputOf } from "./output-tables.ts";
import { listing, listings } from "./listings.ts";

const manifestOf = (file: string): string => join(dirname(file), ".manifest", `${basename(file)}.json`);
/** Each listing once. */
const TOTALS = "WHERE scheme = '63_provinces' AND property_type = 'all'";
const served = (place: BatchPlace): number => {
  using db = readSqlite(place.serving);
  return db.all<{ n: number }>(`SELECT sum(listings) AS n FROM batdongsan_stats_province ${TOTALS}`)[0]!.n;
};

describe("input that cannot be trusted", () => {
  test("no batch files: says to run a crawl first", async () => {
    const place = batchPlace();
    await expect(place.run()).rejects.toMatchObject({
      code: "no_input",
      exitCode: 1,
      message: /run a crawl first: npm run crawl bds_spider/,
    });
    expect(existsSync(place.output)).toBe(false);
  });

  test("files of another format: says which setting reads them", async () => {
    const place = batchPlace();
    await place.feed(listings(3), { format: "csv" });
    await expect(place.run()).rejects.toThrow(/there are no json files .*set SOURCE_TYPE/);
  });

  test("a file that was cut off is named, with what to do; put aside with its manifest, the rest is read", async () => {
    const place = batchPlace();
    const files = await place.feed(listings(30), { size: 10 });
    truncateSync(files[1]!, 2000);
    await expect(place.run()).rejects.toMatchObject({ code: "input_broken", exitCode: 1 });
    await expect(place.run()).rejects.toThrow(
      new RegExp(`${basename(files[1]!)} has 2000 bytes, and its manifest says \\d+: put the whole file back, or move it and`),
    );
    for (const path of [files[1]!, manifestOf(files[1]!)]) renameSync(path, join(place.dir, basename(path)));
    expect((await place.run()).result.rowsIn).toBe(20);
  });

  // A CSV file without its manifest may end after any row: there nothing can be noticed.
  for (const format of ["json", "jsonl", "parquet"] as const)
    test(`a ${format} file that was cut off and has no manifest is named too`, async () => {
      const place = batchPlace();
      const files = await place.feed(listings(30), { size: 10, format });
      truncateSync(files[1]!, 2000);
      rmSync(manifestOf(files[1]!));
      const outcome = await place.run(`SOURCE_TYPE=${format}`).catch((error: unknown) => error);
      expect(outcome).toMatchObject({ code: "input_broken", message: new RegExp(basename(files[1]!)) });
    });

  test("rows that were taken out of a file, its length kept, are noticed", async () => {
    const place = batchPlace();
    const files = await place.feed(listings(30), { size: 10, format: "jsonl" });
    const text = readFileSync(files[2]!, "utf8");
    const line = text.split("\n")[4]!;
    writeFileSync(files[2]!, text.replace(`${line}\n`, " ".repeat(Buffer.byteLength(`${line}\n`))));
    await expect(place.run("SOURCE_TYPE=jsonl")).rejects.toThrow(
      new RegExp(`${basename(files[2]!)} holds 9 rows, and its manifest says 10`),
    );
  });

  test("a manifest that is no JSON is named", async () => {
    const place = batchPlace();
    const [file] = await place.feed(listings(3));
    writeFileSync(manifestOf(file!), "{");
    await expect(place.run()).rejects.toMatchObject({ code: "manifest_broken", message: new RegExp(`${basename(file!)}\\.json`) });
  });

  test("demo items and real ones are refused together, by their manifests and, without those, by their links", async () => {
    const place = batchPlace();
    await place.feed(listings(5));
    await place.feed([listing(100, { link: "https://batdongsan.com.vn/a-pr1" })], { origin: "batdongsan.com.vn" });
    await expect(place.run()).rejects.toMatchObject({ code: "mixed_sources", exitCode: 2, message: /1 files come from the demo site/ });
    rmSync(join(place.input, ".manifest"), { recursive: true });
    await expect(place.run()).rejects.toMatchObject({ code: "mixed_sources", message: /5 of 6 listings/ });
    expect(existsSync(place.output)).toBe(false);
  });

  test("an OUTPUT_PATH that is a folder of someone's own is left alone", async () => {
    const place = batchPlace();
    await place.feed(listings(3));
    mkdirSync(place.output);
    await expect(place.run()).rejects.toMatchObject({ code: "output_path", exitCode: 2 });
    expect(readdirSync(place.output)).toEqual([]);
  });

  test("two jobs that write the same output do not run at once", async () => {
    const place = batchPlace();
    await place.feed(listings(3));
    mkdirSync(`${place.output}.versions`);
    const lock = acquireLock(join(`${place.output}.versions`, ".lock"), "x", new Date());
    onTestFinished(() => lock.release());
    await expect(place.run()).rejects.toMatchObject({ code: "locked" });
  });
});

describe("killed", () => {
  for (const [point, then] of [
    ["serving_table_built", 10],
    ["job_before_publish", 10],
    ["version_before_rename", 10],
    ["version_before_link", 10],
    ["version_after_link", 25],
    ["serving_before_swap", 25],
    ["serving_after_swap", 25],
  ] as const)
    test(`at ${point} a reader sees ${then} listings, whole, and the next run mends all`, async () => {
      const place = batchPlace();
      await place.feed(listings(10));
      await place.run();
      const former = readlinkSync(place.output);
      await place.feed(Array.from({ length: 15 }, (_, i) => listing(100 + i)));
      const killed = await place.runProcess({ ARACHNE_FAILPOINT: `${point}:1` });
      expect(killed.signal).toBe("SIGKILL");
      expect(await place.rows("listings", "SELECT COUNT(*) AS n FROM t")).toEqual([{ n: then }]);
      expect(await place.rows("stats_province.parquet", `SELECT SUM(listings) AS n FROM t ${TOTALS}`)).toEqual([{ n: then }]);
      if (then === 10) expect(readlinkSync(place.output)).toBe(former);
      expect(served(place)).toBe(point === "serving_after_swap" ? 25 : 10);
      await place.run();
      expect(await place.rows("listings", "SELECT COUNT(*) AS n FROM t")).toEqual([{ n: 25 }]);
      expect(served(place)).toBe(25);
      expect(readdirSync(`${place.output}.versions`).filter((name) => /^\.(building|work|link)/.test(name))).toEqual([]);
    });
});

test.each(["job_before_publish", "version_after_link"])(
  "bds_stats killed at %s: what was served and published by then is whole, and the next run gives what all files give",
  async (point) => {
    const place = batchPlace();
    await place.feed(listings(10));
    await place.run();
    await place.feed([
      ...Array.from({ length: 15 }, (_, i) => listing(100 + i)),
      listing(3, { price_vnd: 5, crawled_at: "2026-11-21T00:00:00.000Z" }),
    ]);
    expect((await place.runProcess({ ARACHNE_FAILPOINT: `${point}:1`, BATCH_TEST_JOB: "bds_stats" })).signal).toBe("SIGKILL");
    await place.feed([listing(200)]);
    await place.runJob({ job: "bds_stats" });
    const merged = await outputOf(place);
    expect(merged["listings"]).toHaveLength(26);
    expect(served(place)).toBe(26);
    await place.run();
    expect(await outputOf(place)).toEqual(merged);
  },
);

/** A disk of 3 MB, where this machine lets us mount one. */
function smallDisk(): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), "arachne-disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", dir]).status === 0;
  onTestFinished(() => {
    if (mounted) spawnSync("umount", ["-l", dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  return mounted ? dir : undefined;
}

test("a full disk: one clear error, and the former version stays", async ({ skip }) => {
  const disk = smallDisk();
  if (disk === undefined) return skip("cannot mount a small tmpfs here");
  const place = batchPlace();
  await place.feed(listings(50));
  const output = [`OUTPUT_PATH=${join(disk, "out")}`];
  await place.run(...output);
  const former = readlinkSync(join(disk, "out"));
  await place.feed(
    Array.from({ length: 20_000 }, (_, i) => listing(1000 + i, { title: `${Math.sin(i)} ${Math.cos(i)} ${Math.tan(i)}`.repeat(3) })),
    { size: 20_000 },
  );
  await expect(place.run(...output)).rejects.toMatchObject({ code: "disk_full" });
  await expect(place.run(`SERVING_PATH=${join(disk, "serving.db")}`)).rejects.toMatchObject({ code: "serving_write" });
  expect(readlinkSync(join(disk, "out"))).toBe(former);
  expect(readdirSync(join(disk, "out.versions")).filter((name) => /^\.(building|work)/.test(name))).toEqual([]);
});
