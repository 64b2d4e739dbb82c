import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { expandPath } from "../../src/app/glob.ts";
import { openEmbeddedTopic } from "../../src/topics/embedded.ts";
import { jobPlace, thing, things, thingsJob, type JobPlace } from "./job-place.ts";

const taken = (place: JobPlace): string[] => (place.record()["taken"] as { file: string }[]).map((t) => t.file).sort();
const warned = (place: JobPlace): string[] => place.logged.filter((line) => line.includes("the published output holds"));

describe("what a full run's input lacks of the published output", () => {
  test("stays in it, said once a run, until the change is accepted", async () => {
    const place = jobPlace();
    const [first, second] = await place.feed(things(4), { size: 2 });
    await place.run(thingsJob());
    const away = join(place.dir, basename(first!));
    renameSync(first!, away);
    const names = [first!, second!].map((file) => `input/${basename(file)}`).sort();
    for (const times of [1, 2]) {
      await place.run(thingsJob());
      expect(warned(place)).toHaveLength(times);
      expect(await place.links()).toEqual(["0", "1", "2", "3"]);
      expect(taken(place)).toEqual(names);
    }
    expect(warned(place)[0]).toBe(
      `1 of 2 batch files that the published output holds are not there (first: input/${basename(first!)}): their items are kept from it; --accept-change forgets them`,
    );
    renameSync(away, first!);
    expect((await place.run(thingsJob("new"))).result.rowsIn).toBe(0);
    rmSync(first!);
    await place.run(thingsJob(), { acceptChange: true });
    expect(await place.links()).toEqual(["2", "3"]);
    expect(taken(place)).toEqual([names.find((name) => name.endsWith(basename(second!)))]);
    await place.run(thingsJob());
    expect(warned(place).at(-1)).toMatch(/are forgotten, as was asked for by --accept-change$/);
  });

  test("is also what lies there in another format than the one that is read", async () => {
    const place = jobPlace();
    const [json] = await place.feed([thing(1)]);
    await place.run(thingsJob());
    await place.feed([thing(2)], { format: "jsonl" });
    await place.run(thingsJob(), { set: ["BATCH_FILE_FORMAT=jsonl"] });
    expect(warned(place)).toEqual([
      expect.stringContaining(`1 of 1 batch files that the published output holds are not read (first: input/${basename(json!)})`),
    ]);
    expect(await place.links()).toEqual(["1", "2"]);
  });

  test("is nothing when SOURCE_PATH names other files; of those that it named before, it is what is gone", async () => {
    const place = jobPlace();
    await place.feed([thing(1)]);
    await place.run(thingsJob());
    mkdirSync(join(place.dir, "own"));
    for (const n of [2, 3]) writeFileSync(join(place.dir, `own/${n}.jsonl`), JSON.stringify(thing(n)));
    const set = ["SOURCE_TYPE=jsonl", "SOURCE_PATH=own"];
    await place.run(thingsJob(), { set });
    expect(await place.links()).toEqual(["2", "3"]);
    expect(warned(place)).toEqual([]);
    rmSync(join(place.dir, "own/2.jsonl"));
    await place.run(thingsJob(), { set });
    expect(await place.links()).toEqual(["2", "3"]);
    expect(warned(place)).toHaveLength(1);
  });

  test("stays in it also where that left out what was crawled later: what it has of it", async () => {
    const place = jobPlace();
    const [old] = await place.feed([thing(1)]);
    await place.run(thingsJob(), { now: () => new Date("2026-11-20T10:00:00Z") });
    rmSync(old!);
    const now = () => new Date("2026-11-22T00:00:00Z");
    const later = { crawled_at: "2026-11-21T20:00:00.000Z" };
    const [, both] = await place.feed([thing(2, later), thing(3), thing(4, later)], { size: 1 });
    // A run that is made up for a day that is over.
    await place.run(thingsJob(), { now, date: "2026-11-21" });
    expect(place.record()).toMatchObject({ complete: false });
    expect(await place.links()).toEqual(["1", "3"]);
    rmSync(both!);
    await place.run(thingsJob(), { now });
    expect(await place.links()).toEqual(["1", "2", "3", "4"]);
    expect(warned(place).at(-1)).toMatch(
      /^2 of 4 batch files .*: their items are kept from it, without what was crawled after 2026-11-21, /,
    );
  });

  test("of the demo site never joins real items", async () => {
    const place = jobPlace();
    const [demo] = await place.feed([thing(1)], { origin: "demo" });
    await place.run(thingsJob());
    rmSync(demo!);
    await place.feed([thing(2)]);
    await expect(place.run(thingsJob())).rejects.toMatchObject({
      code: "mixed_sources",
      message: /come from example\.com, and what is published from demo; .* 1 of 1 batch files .*--accept-change forgets them$/,
    });
    await place.run(thingsJob(), { acceptChange: true });
    expect(await place.links()).toEqual(["2"]);
    expect(place.record()["origins"]).toEqual(["example.com"]);
  });

  test("is also what a topic has lost to its retention", async () => {
    const place = jobPlace();
    const set = ["SOURCE_TYPE=kafka_replay"];
    const send = (n: number) =>
      place.send("things", [{ value: JSON.stringify(thing(n)), headers: { item: "thing", origin: "example.com" } }]);
    await send(1);
    await place.run(thingsJob(), { set });
    await place.run(thingsJob(), { set });
    expect(warned(place)).toEqual([]);
    const later = () => new Date(Date.now() + 7_200_000);
    const topic = openEmbeddedTopic({ dir: join(place.dir, "topics"), name: "things", retentionHours: 1, now: later });
    expect(await topic.expire()).toBe(1);
    await topic.close();
    await send(2);
    for (const times of [1, 2]) {
      await place.run(thingsJob(), { set });
      expect(warned(place)).toHaveLength(times);
      expect(await place.links()).toEqual(["1", "2"]);
    }
    expect(warned(place)[0]).toMatch(
      /^messages that the published output holds are not there \(topic things from 0 to 1\): their items are kept/,
    );
    expect(place.record()).toMatchObject({ topics: { things: "2" }, starts: { things: "0" } });
    await place.run(thingsJob(), { set, acceptChange: true });
    expect(await place.links()).toEqual(["2"]);
    expect(place.record()).toMatchObject({ starts: { things: "1" } });
  });
});

test("a folder that may not be looked into is an error, not an empty one", () => {
  const place = jobPlace();
  const archive = join(place.dir, "archive");
  mkdirSync(archive);
  chmodSync(place.dir, 0o755);
  chmodSync(archive, 0o000);
  if (process.getuid?.() === 0) {
    process.seteuid?.(65_534); // to root every folder is open
    onTestFinished(() => process.seteuid?.(0));
  }
  expect(() => expandPath(join(archive, "**", "*.json"), "json")).toThrow(/cannot look into .*archive \(EACCES\): mount it, or correct/);
  expect(expandPath(join(place.dir, "none", "*.json"), "json")).toEqual([]);
});
