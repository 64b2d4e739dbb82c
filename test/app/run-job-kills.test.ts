import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { mergeThings, runKilled } from "./job-process.ts";
import { jobPlace, thing, things, thingsJob, type JobPlace } from "./job-place.ts";

const served = (place: JobPlace): number => {
  using db = readSqlite(place.serving);
  return db.all<{ n: number }>("SELECT COUNT(*) AS n FROM things")[0]!.n;
};

/** Files that the published output holds, and the links of those: what run.json says must be what is there. */
async function published(place: JobPlace): Promise<{ files: number; links: number }> {
  return { files: (place.record()["taken"] as unknown[]).length, links: (await place.links()).length };
}

test.each([
  ["run_record_before_fsync", "former", 10],
  ["run_record_after_rename", "former", 10],
  ["job_before_publish", "former", 10],
  ["version_before_rename", "former", 10],
  ["version_before_link", "former", 10],
  ["version_after_link", "new", 10],
  ["serving_before_swap", "new", 10],
  ["serving_after_swap", "new", 12],
  ["job_before_prune", "new", 12],
] as const)("killed at %s, a reader sees the %s output whole, and the next merge takes each file once", async (point, shown, tables) => {
  const place = jobPlace();
  await place.feed(things(10));
  await place.run(thingsJob("new"));
  await place.feed([thing(100), thing(101)]);
  expect(await runKilled(place, point)).toBe("SIGKILL");
  expect(await published(place)).toEqual(shown === "new" ? { files: 2, links: 12 } : { files: 1, links: 10 });
  expect(served(place)).toBe(tables);

  const { result } = await mergeThings(place.dir, place.assignments);
  expect(result.rowsIn).toBe(shown === "new" ? 0 : 2);
  expect(await published(place)).toEqual({ files: 2, links: 12 });
  expect(served(place)).toBe(12);
  const left = readdirSync(`${place.output}.versions`).filter((name) => /^\.(building|work|link)/.test(name));
  expect(left).toEqual([]);
});
