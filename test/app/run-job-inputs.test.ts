import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { jobPlace, thing, things, thingsJob, type JobPlace } from "./job-place.ts";

const manifestOf = (file: string): string => join(dirname(file), ".manifest", `${basename(file)}.json`);

/** As the cleanup job moves them. */
function archive(place: JobPlace, file: string): void {
  const to = join(place.dir, "archive", basename(file));
  mkdirSync(dirname(manifestOf(to)), { recursive: true });
  renameSync(manifestOf(file), manifestOf(to));
  renameSync(file, to);
}

describe("new files", () => {
  test("are those that the published output does not hold; together they are what a full run gives", async () => {
    const place = jobPlace();
    await place.feed(things(5));
    const counts: (number | undefined)[] = [];
    const merge = thingsJob("new");
    expect((await place.run(merge)).result.rowsIn).toBe(5);
    await place.feed([thing(10), thing(11)]);
    expect((await place.run(merge)).result.rowsIn).toBe(2);
    expect((await place.run(merge)).result.rowsIn).toBe(0);
    const links = await place.links();
    counts.push(links.length);
    await place.run(thingsJob());
    expect(await place.links()).toEqual(links);
    expect(place.record()["taken"]).toHaveLength(2);
    expect(counts).toEqual([7]);
  });

  test("stay taken when they go to the archive, where a full run still finds them, once each", async () => {
    const place = jobPlace();
    const [first, second] = await place.feed(things(20), { size: 10 });
    await place.run(thingsJob());
    archive(place, first!);
    expect((await place.run(thingsJob("new"))).result.rowsIn).toBe(0);
    expect((await place.run(thingsJob())).result.rowsIn).toBe(20);
    archive(place, second!);
    expect((await place.run(thingsJob("new"))).result.rowsIn).toBe(0);
    // A move across disks that was cut short: the copy is there, and so is the original.
    const copy = join(place.dir, "archive", basename(second!));
    renameSync(copy, second!);
    writeFileSync(copy, "[{");
    expect((await place.run(thingsJob())).result.rowsIn).toBe(20);
    rmSync(join(place.dir, "archive"), { recursive: true });
    rmSync(second!);
    expect((await place.run(thingsJob("new"))).result).toMatchObject({ rowsIn: 0 });
    expect((await place.links()).length).toBe(20);
    await expect(place.run(thingsJob())).rejects.toMatchObject({ code: "no_input" });
  });

  test("of someone else's are known by their paths: equal names in two folders are two files", async () => {
    const place = jobPlace();
    for (const [folder, n] of [
      ["a", 1],
      ["b", 2],
    ] as const) {
      mkdirSync(join(place.dir, folder));
      writeFileSync(join(place.dir, folder, "x.jsonl"), JSON.stringify(thing(n)));
    }
    const set = ["SOURCE_TYPE=jsonl", "SOURCE_PATH=a/*.jsonl"];
    await place.run(thingsJob(), { set });
    expect((await place.run(thingsJob("new"), { set: ["SOURCE_TYPE=jsonl", "SOURCE_PATH=*/x.jsonl"] })).result.rowsIn).toBe(1);
    expect(await place.links()).toEqual(["1", "2"]);
  });

  test("a taken file that has changed is named, and the full batch takes it as it is", async () => {
    const place = jobPlace();
    const file = join(place.input, "own.jsonl");
    writeFileSync(file, `${JSON.stringify(thing(1))}\n`);
    const set = ["SOURCE_TYPE=jsonl"];
    await place.run(thingsJob(), { set });
    appendFileSync(file, `${JSON.stringify(thing(2))}\n`);
    await expect(place.run(thingsJob("new"), { set })).rejects.toMatchObject({
      code: "changed_input",
      message: /input\/own\.jsonl has changed since it was taken \(\d+ bytes, then \d+\): run the full batch/,
    });
    expect((await place.run(thingsJob(), { set })).result.rowsIn).toBe(2);
    expect((await place.run(thingsJob("new"), { set })).result.rowsIn).toBe(0);
  });

  test("a taken file whose manifest tells of other bytes has changed, whatever its size", async () => {
    const place = jobPlace();
    const [file] = await place.feed([thing(1)]);
    await place.run(thingsJob());
    const manifest = JSON.parse(readFileSync(manifestOf(file!), "utf8")) as object;
    writeFileSync(manifestOf(file!), JSON.stringify({ ...manifest, sha256: "0".repeat(64) }));
    await expect(place.run(thingsJob("new"))).rejects.toMatchObject({ code: "changed_input" });
  });

  test("a file that grows while the job runs has changed since it was taken: what came late is not taken for read", async () => {
    const place = jobPlace();
    const file = join(place.input, "own.jsonl");
    writeFileSync(file, `${JSON.stringify(thing(1))}\n`);
    const set = ["SOURCE_TYPE=jsonl"];
    await place.run(thingsJob("all", { read: () => appendFileSync(file, `${JSON.stringify(thing(2))}\n`) }), { set });
    expect(await place.links()).toEqual(["1"]);
    await expect(place.run(thingsJob("new"), { set })).rejects.toMatchObject({ code: "changed_input" });
    // One that is gone by then was read all the same.
    await place.run(thingsJob("all", { read: () => rmSync(file) }), { set });
    expect(await place.links()).toEqual(["1", "2"]);
  });

  test("are refused over an output that left out what was crawled after its day", async () => {
    const place = jobPlace();
    await place.feed([thing(1), thing(2, { crawled_at: "2026-11-21T12:00:00.000Z" })]);
    const now = () => new Date("2026-11-22T00:00:00Z");
    await place.run(thingsJob(), { now, date: "2026-11-20" });
    await expect(place.run(thingsJob("new"), { now })).rejects.toMatchObject({
      code: "incomplete_output",
      message: /made as of 2026-11-20 and left out what was crawled later: run the full batch first/,
    });
    await place.run(thingsJob(), { now });
    expect((await place.run(thingsJob("new"), { now })).result.rowsIn).toBe(0);
  });

  test("of the demo site never join real ones that are published", async () => {
    const place = jobPlace();
    const [real] = await place.feed(things(3));
    await place.run(thingsJob());
    archive(place, real!);
    rmSync(join(place.dir, "archive"), { recursive: true });
    await place.feed([thing(9)], { origin: "demo" });
    await expect(place.run(thingsJob("new"))).rejects.toMatchObject({
      code: "mixed_sources",
      exitCode: 2,
      message: /the new items come from demo, and what is published from example\.com/,
    });
  });
});

describe("a topic as input", () => {
  const replay = ["SOURCE_TYPE=kafka_replay"];
  const message = (n: number, headers: Record<string, string> = { item: "thing", origin: "example.com" }) => ({
    value: JSON.stringify(thing(n)),
    headers,
  });

  test("is read from its start, its other items left out; what is new is what came behind the published output", async () => {
    const place = jobPlace();
    await place.send("things", [message(1), message(2), message(3, { item: "other" })]);
    await place.send("things.dead", [message(99)]);
    expect((await place.run(thingsJob(), { set: replay })).result.rowsIn).toBe(2);
    expect(place.record()).toMatchObject({ taken: [], topics: { things: "3" }, origins: ["example.com"] });
    await place.send("things", [message(4)]);
    expect((await place.run(thingsJob("new"), { set: replay })).result.rowsIn).toBe(1);
    expect((await place.run(thingsJob("new"), { set: replay })).result.rowsIn).toBe(0);
    expect(await place.links()).toEqual(["1", "2", "4"]);
    expect((await place.run(thingsJob(), { set: replay })).result.rowsIn).toBe(3);
  });

  test("a message that is no item is counted as a row that breaks the rules, and stops nothing", async () => {
    const place = jobPlace();
    const odd = ["", "no JSON", "[1]", "5", "null", '{"link":', "\ufeff{}"].map((value) => ({ value }));
    const pretty = { value: JSON.stringify(thing(2), null, 2).replaceAll("\n", "\r\n") };
    await place.send("things", [message(1), ...odd, pretty]);
    const { result } = await place.run(thingsJob(), { set: replay });
    expect(result).toMatchObject({ rowsIn: 9, rowsOut: 2, rejected: { "link: required": 7 } });
    expect(place.logged).toContain("7 messages of things are no JSON objects: they count as rows without fields");
  });

  test("demo messages and real ones are refused together", async () => {
    const place = jobPlace();
    await place.send("things", [message(1), message(2, { item: "thing", origin: "demo" })]);
    await expect(place.run(thingsJob(), { set: replay })).rejects.toMatchObject({
      code: "mixed_sources",
      message: /the topic things holds items of demo and of example\.com/,
    });
  });

  test("must be named where there are several, and be there", async () => {
    const place = jobPlace();
    await expect(place.run(thingsJob(), { set: replay })).rejects.toThrow(
      /name the topic to read with SOURCE_TOPIC; there is none yet: run a crawl first/,
    );
    await place.send("one", []);
    await expect(place.run(thingsJob(), { set: replay })).rejects.toMatchObject({
      code: "no_input",
      message: /the topic one holds no thing/,
    });
    await place.send("two", [message(1)]);
    await expect(place.run(thingsJob(), { set: replay })).rejects.toMatchObject({
      code: "no_topic",
      exitCode: 2,
      message: /there are: one, two/,
    });
    await expect(place.run(thingsJob(), { set: [...replay, "SOURCE_TOPIC=three"] })).rejects.toThrow(
      /no topic three: name another with SOURCE_TOPIC; there are: one, two/,
    );
    expect((await place.run(thingsJob(), { set: [...replay, "SOURCE_TOPIC=two"] })).result.rowsIn).toBe(1);
  });

  test("is the job's own where SOURCE_TOPIC names none and it is there, whichever others there are", async () => {
    const place = jobPlace();
    await place.send("one", [message(1), message(2)]);
    await place.send("two", [message(1)]);
    expect((await place.run(thingsJob("all", { topic: "two" }), { set: replay })).result.rowsIn).toBe(1);
    const named = [...replay, "SOURCE_TOPIC=one"];
    expect((await place.run(thingsJob("all", { topic: "two" }), { set: named })).result.rowsIn).toBe(2);
  });

  test("and files do not go on from one another", async () => {
    const place = jobPlace();
    await place.send("things", [message(1)]);
    await place.feed(things(3));
    await place.run(thingsJob());
    await expect(place.run(thingsJob("new"), { set: replay })).rejects.toMatchObject({
      code: "incomplete_output",
      message: /not made from the topic things/,
    });
    await place.run(thingsJob(), { set: replay });
    await expect(place.run(thingsJob("new"))).rejects.toMatchObject({
      code: "incomplete_output",
      message: /made from a topic, not from files/,
    });
  });
});
