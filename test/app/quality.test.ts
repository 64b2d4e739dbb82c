import { readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jobPlace, thing, things, thingsJob, type JobPlace } from "./job-place.ts";

/** Two sites of 200 things each are published. */
async function published(): Promise<JobPlace> {
  const place = jobPlace();
  await place.feed(
    things(400, (n) => ({ source: n < 200 ? "a.vn" : "b.vn" })),
    { size: 400 },
  );
  await place.run(thingsJob());
  return place;
}

/** The same again, but one site's layout has changed: its prices are not found any more. */
const broken = () => things(400, (n) => (n < 200 ? { source: "a.vn", price_vnd: null } : { source: "b.vn" }));

async function feedAnew(place: JobPlace, items: readonly object[]): Promise<string> {
  const file = join(place.dir, "again.jsonl");
  writeFileSync(file, items.map((item) => JSON.stringify(item)).join("\n"));
  return file;
}

test("an output whose fields have gone missing for one site is not published, and says what and by how much", async () => {
  const place = await published();
  const current = readlinkSync(place.output);
  const set = ["SOURCE_TYPE=jsonl", `SOURCE_PATH=${await feedAnew(place, broken())}`];
  await expect(place.run(thingsJob(), { set })).rejects.toMatchObject({
    code: "quality",
    exitCode: 1,
    message:
      /^quality: things is not what is published, and was not published: source a\.vn: price_vnd filled 0\.00, was 1\.00: arachne verify shows all; .* --accept-change$/,
  });
  expect(readlinkSync(place.output)).toBe(current);
  await expect(place.run(thingsJob(), { set: [...set, "QUALITY_MAX_COVERAGE_DROP=1"] })).resolves.toMatchObject({ published: true });
});

test("a change that is accepted passes once, and is what the next run is compared with", async () => {
  const place = await published();
  const set = ["SOURCE_TYPE=jsonl", `SOURCE_PATH=${await feedAnew(place, broken())}`];
  await place.run(thingsJob(), { set, acceptChange: true });
  expect(place.logged).toContain("quality: things: source a.vn: price_vnd filled 0.00, was 1.00; accepted");
  expect((await place.run(thingsJob(), { set })).published).toBe(true);
});

test("a site that vanished stops it, a new one is told", async () => {
  const place = await published();
  const file = await feedAnew(place, [
    ...things(200, () => ({ source: "b.vn" })),
    ...things(200, (n) => ({ link: `c${n}`, source: "c.vn" })),
  ]);
  const set = ["SOURCE_TYPE=jsonl", `SOURCE_PATH=${file}`];
  await expect(place.run(thingsJob(), { set })).rejects.toThrow(/source a\.vn: no rows, were 200/);
  expect(place.logged).toContain("quality: things: source c.vn: new, with 200 rows");
});

test("a first output, and an earlier day's slices, have nothing to be compared with", async () => {
  const place = jobPlace();
  await place.feed([...things(200), thing(900, { crawled_at: "2026-11-18T00:00:00.000Z" })], { size: 201 });
  await place.run(thingsJob(), { now: () => new Date("2026-11-21T00:00:00Z") });
  const earlier = await place.run(thingsJob(), { now: () => new Date("2026-11-21T01:00:00Z"), date: "2026-11-19" });
  expect(earlier).toMatchObject({ published: false, result: { rowsOut: 1 } });
});

test("verify shows what would be published beside what is, notes every failure, and publishes nothing", async () => {
  const place = await published();
  const current = readlinkSync(place.output);
  const set = ["SOURCE_TYPE=jsonl", `SOURCE_PATH=${await feedAnew(place, broken())}`];
  const done = await place.verify(thingsJob(), { set });
  expect(done).toMatchObject({ against: { job: "things" }, reports: [{ view: "things", now: { by: "source" }, was: { by: "source" } }] });
  expect(done.reports[0]!.findings).toEqual([{ kind: "coverage", group: "source a.vn", field: "price_vnd", was: 1, now: 0 }]);
  expect(readlinkSync(place.output)).toBe(current);
  expect((await place.verify(thingsJob())).reports[0]!.findings).toEqual([]);
});

test("verify needs no serving store, and says when there is nothing to compare with or no gate", async () => {
  const place = jobPlace();
  await place.feed(things(5));
  const set = ["ELASTICSEARCH_URL=http://127.0.0.1:1"];
  expect(await place.verify(thingsJob(), { set })).toMatchObject({ against: undefined, reports: [{ view: "things", findings: [] }] });
  const none = { run: () => Promise.resolve({ rowsIn: 0, rowsOut: 0, rejected: {}, duplicates: 0, tables: [] }) };
  expect((await place.verify(none)).reports).toEqual([]);
});
