import { existsSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Job } from "arachne";
import { dayIn, endOfDay } from "../../src/core/day.ts";
import { acquireLock } from "../../src/storage/lock.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { jobPlace, thing, things, thingsJob, type JobPlace } from "./job-place.ts";

const at = (iso: string) => ({ now: () => new Date(iso) });
const history = (place: JobPlace): object[] => {
  using db = readSqlite(place.serving);
  return db.all<{ as_of: string; n: number }>("SELECT as_of, n FROM things_history ORDER BY as_of").map(({ as_of, n }) => ({ as_of, n }));
};
const served = (place: JobPlace): number => {
  using db = readSqlite(place.serving);
  return db.all<{ n: number }>("SELECT COUNT(*) AS n FROM things")[0]!.n;
};

describe("a run's date", () => {
  test("is today in SCHEDULER_TIMEZONE, and today nothing is left out", async () => {
    const place = jobPlace();
    await place.feed(things(3));
    const seen: object[] = [];
    const job = thingsJob("all", { seen: (c) => void seen.push({ date: c.date, asOf: c.asOf, former: c.former }) });
    const done = await place.run(job, at("2026-11-21T17:30:00Z"));
    expect(done).toMatchObject({ date: "2026-11-22", published: true, outputPath: place.output, servingPlace: place.serving });
    expect(seen).toEqual([{ date: "2026-11-22", asOf: undefined, former: undefined }]);
    expect((await place.run(job, { ...at("2026-11-21T17:31:00Z"), set: ["SCHEDULER_TIMEZONE=UTC"] })).date).toBe("2026-11-21");
    expect(seen[1]).toMatchObject({ former: { date: "2026-11-22", complete: true, taken: [expect.stringMatching(/^input\/.*\.json$/)] } });
  });

  test("of an earlier day counts only what was crawled before its end", async () => {
    const place = jobPlace();
    await place.feed([thing(1, { crawled_at: "2026-11-20T16:59:59.999Z" }), thing(2, { crawled_at: "2026-11-20T17:00:00.000Z" })]);
    const { result } = await place.run(thingsJob(), { ...at("2026-11-22T00:00:00Z"), date: "2026-11-20" });
    expect(result).toMatchObject({ rowsIn: 2, rowsOut: 1, later: 1 });
    expect(await place.links()).toEqual(["1"]);
    expect(place.record()).toMatchObject({ date: "2026-11-20", complete: false });
  });

  test("before the published output's leaves that alone, and writes its slice", async () => {
    const place = jobPlace();
    await place.feed([thing(1, { crawled_at: "2026-11-18T00:00:00.000Z" }), thing(2)]);
    await place.run(thingsJob(), at("2026-11-21T00:00:00Z"));
    const current = readlinkSync(place.output);
    const done = await place.run(thingsJob(), { ...at("2026-11-21T01:00:00Z"), date: "2026-11-19" });
    expect(done).toMatchObject({ date: "2026-11-19", published: false });
    expect(readlinkSync(place.output)).toBe(current);
    expect(readdirSync(`${place.output}.versions`).filter((name) => /^\.(building|work)|^\d/.test(name))).toHaveLength(1);
    expect(served(place)).toBe(2);
    expect(history(place)).toEqual([
      { as_of: "2026-11-19", n: 1 },
      { as_of: "2026-11-21", n: 2 },
    ]);
  });

  test("of an earlier day may have far fewer rows than are published: that lies in its nature", async () => {
    const place = jobPlace();
    await place.feed(
      things(300, (n) => ({ crawled_at: `2026-11-${n < 120 ? 18 : 20}T00:00:00.000Z` })),
      { size: 300 },
    );
    await place.run(thingsJob(), at("2026-11-21T00:00:00Z"));
    await place.run(thingsJob(), { ...at("2026-11-21T01:00:00Z"), date: "2026-11-19" });
    expect(history(place)).toContainEqual({ as_of: "2026-11-19", n: 120 });
  });

  test.each([
    ["2026-11-23", "future_date", /has not begun in Asia\/Ho_Chi_Minh \(today is 2026-11-22\)/],
    ["2026-02-30", "bad_date", /"2026-02-30" is no day: write YYYY-MM-DD/],
    ["yesterday", "bad_date", /is no day/],
  ])("%s is refused: %s", async (date, code, message) => {
    const place = jobPlace();
    await expect(place.run(thingsJob(), { ...at("2026-11-22T00:00:00Z"), date })).rejects.toMatchObject({ code, message, exitCode: 2 });
  });

  test("is refused when the clock is behind what is published, until it is set, or the output gone back from", async () => {
    const place = jobPlace();
    await place.feed(things(3));
    await place.run(thingsJob(), at("2026-11-21T00:00:00Z"));
    await expect(place.run(thingsJob(), at("2026-11-20T23:59:59Z"))).rejects.toMatchObject({
      code: "clock_behind",
      message: /clock says 2026-11-20T23:59:59.000Z, and what is published was made at 2026-11-21T00:00:00.000Z: set the clock/,
    });
    expect((await place.run(thingsJob(), at("2026-11-21T00:00:01Z"))).published).toBe(true);
  });
});

test("a day ends where the next one begins: in zones east and west, over changes of the clock", () => {
  const end = (zone: string, day: string): string => endOfDay(zone, day).toISOString();
  expect(end("Asia/Ho_Chi_Minh", "2026-11-21")).toBe("2026-11-21T17:00:00.000Z");
  expect(end("Pacific/Kiritimati", "2026-01-01")).toBe("2026-01-01T10:00:00.000Z");
  expect(end("Pacific/Pago_Pago", "2026-01-01")).toBe("2026-01-02T11:00:00.000Z");
  expect(end("Asia/Kathmandu", "2026-01-01")).toBe("2026-01-01T18:15:00.000Z");
  expect(end("Europe/Berlin", "2026-10-25")).toBe("2026-10-25T23:00:00.000Z"); // 25 hours
  expect(end("America/Sao_Paulo", "2018-11-03")).toBe("2018-11-04T03:00:00.000Z"); // the next day begins at 01:00
  expect(end("America/Havana", "2026-10-31")).toBe("2026-11-01T04:00:00.000Z");
  expect(end("Pacific/Apia", "2011-12-29")).toBe("2011-12-30T10:00:00.000Z"); // there was no 30th
  expect(end("Pacific/Apia", "2011-12-30")).toBe("2011-12-30T10:00:00.000Z");
  expect(() => dayIn("Asia/Saigon2", new Date())).toThrow(/SCHEDULER_TIMEZONE: Asia\/Saigon2 is no time zone/);
});

test("a job without output of its own leaves none, in scratch space that is gone with it, under the same lock", async () => {
  const place = jobPlace();
  await place.feed(things(3));
  await place.run(thingsJob());
  const current = readlinkSync(place.output);
  const done = await place.run(thingsJob("all", { output: "none" }));
  expect(done).toMatchObject({ outputPath: undefined, published: true });
  expect(readlinkSync(place.output)).toBe(current);
  const lock = acquireLock(join(`${place.output}.versions`, ".lock"), "x", new Date());
  onTestFinished(() => lock.release());
  await expect(place.run(thingsJob("all", { output: "none" }))).rejects.toMatchObject({ code: "locked" });
  expect(readdirSync(`${place.output}.versions`).filter((name) => !name.startsWith(".lock"))).toHaveLength(1);
});

test("a run waits for the lock as long as it is told to", async () => {
  const place = jobPlace();
  await place.feed(things(3));
  await place.run(thingsJob());
  const lock = acquireLock(join(`${place.output}.versions`, ".lock"), "x", new Date());
  const waiting = place.run(thingsJob(), { lockWaitSeconds: 30 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(place.logged.at(-1)).toMatch(/^waiting for another job that writes/);
  lock.release();
  expect((await waiting).published).toBe(true);
});

test("when the serving store refuses what changed, the output stays as it was too, and --accept-change publishes both", async () => {
  const place = jobPlace();
  await place.feed(things(10));
  await place.run(thingsJob());
  const current = readlinkSync(place.output);
  await place.feed(things(90, (n) => ({ link: `https://example.com/more-${n}` })));
  const set = ["QUALITY_MIN_ROWS=5", "SERVING_MAX_GROWTH=2"];
  await expect(place.run(thingsJob(), { set })).rejects.toMatchObject({ code: "serving_change" });
  expect(readlinkSync(place.output)).toBe(current);
  expect((await place.links()).length).toBe(10);
  expect(served(place)).toBe(10);
  expect(readdirSync(`${place.output}.versions`).filter((name) => !name.startsWith(".lock"))).toHaveLength(1);
  await place.run(thingsJob(), { set, acceptChange: true });
  expect((await place.links()).length).toBe(100);
  expect(served(place)).toBe(100);
});

test("SPARK without a server is said before anything is read", async () => {
  const place = jobPlace();
  await expect(place.run(thingsJob(), { set: ["BATCH_ENGINE=spark"] })).rejects.toMatchObject({
    code: "no_spark",
    exitCode: 2,
    message: /needs SPARK_REMOTE/,
  });
});

test("a job that says nothing changed leaves the published version, which says that it is served", async () => {
  const place = jobPlace();
  await place.feed(things(3));
  await place.run(thingsJob());
  const [current, record] = [readlinkSync(place.output), place.record()];
  expect(record).toMatchObject({ served: true });
  const idle = await place.run({
    run: () => Promise.resolve({ rowsIn: 0, rowsOut: 0, rejected: {}, duplicates: 0, tables: [], unchanged: true }),
  });
  expect(idle).toMatchObject({ published: false, outputPath: place.output });
  expect(readlinkSync(place.output)).toBe(current);
  expect(place.record()).toEqual(record);
  expect(await place.links()).toHaveLength(3);
});

test("a torn run.json is an error that says what to do; without one the output counts as none", async () => {
  const place = jobPlace();
  await place.feed(things(3));
  await place.run(thingsJob());
  for (const text of ["", "{", "[]", '{"job":"other tool"}']) {
    writeFileSync(join(place.output, "run.json"), text);
    await expect(place.run(thingsJob())).rejects.toMatchObject({
      code: "run_record",
      message: /run\.json cannot be read: go back a version \(arachne rollback output\), or remove that file/,
    });
  }
  rmSync(join(place.output, "run.json"));
  await place.run(thingsJob("new"));
  expect(existsSync(join(place.output, "run.json"))).toBe(true);
});

test("a run that waits past midnight is for the day when it begins, or for the day that it was given as an earlier one", async () => {
  const place = jobPlace();
  await place.feed([thing(1, { crawled_at: "2026-11-21T16:00:00.000Z" }), thing(2, { crawled_at: "2026-11-21T17:30:00.000Z" })]);
  const seen: object[] = [];
  const job = thingsJob("all", { seen: (c) => void seen.push({ date: c.date, asOf: c.asOf }) });
  for (const date of ["2026-11-21", undefined]) {
    let clock = new Date("2026-11-21T16:59:00Z"); // one minute before midnight in Ho Chi Minh City
    const lock = acquireLock(join(`${place.output}.versions`, ".lock"), "another job", new Date());
    const started: string[] = [];
    const waiting = place.run(job, { now: () => clock, date, lockWaitSeconds: 60, onStart: (day) => void started.push(day) });
    await expect.poll(() => place.logged.at(-1)).toMatch(/^waiting for another job/);
    clock = new Date("2026-11-21T18:00:00Z");
    lock.release();
    expect((await waiting).date).toBe(date ?? "2026-11-22");
    expect(started).toEqual([date ?? "2026-11-22"]);
  }
  expect(seen).toEqual([
    { date: "2026-11-21", asOf: new Date("2026-11-21T17:00:00Z") },
    { date: "2026-11-22", asOf: undefined },
  ]);
});

test("a run that is stopped before it publishes leaves what is published, however far its job went", async () => {
  const place = jobPlace();
  await place.feed([thing(1)]);
  await place.run(thingsJob());
  await place.feed([thing(2)]);
  const stop = new AbortController();
  const job = thingsJob();
  const stopped: Job = { ...job, run: (c) => job.run(c).finally(() => stop.abort()) };
  const outcome = await place.run(stopped, { signal: stop.signal }).catch((error: unknown) => error);
  expect(outcome).toBe(stop.signal.reason);
  expect(await place.links()).toEqual(["1"]);
  expect(served(place)).toBe(1);
});

test("a run of an earlier date names the tables that it writes rows of", async () => {
  const place = jobPlace();
  await place.feed([thing(1)]);
  await place.run(thingsJob(), at("2026-11-21T00:00:00Z"));
  await place.run(thingsJob(), { ...at("2026-11-21T01:00:00Z"), date: "2026-11-20" });
  expect(place.logged).toContain(
    "2026-11-20 is earlier than what is published (2026-11-21): only that day's rows of things_history are written",
  );
});
