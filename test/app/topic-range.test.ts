import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openEmbeddedTopic } from "../../src/topics/embedded.ts";
import { jobPlace, thing, thingsJob, type JobPlace } from "./job-place.ts";

const HOUR = 3_600_000;
const MIDNIGHT = Date.parse("2026-11-20T00:00:00Z");
const now = (): Date => new Date(MIDNIGHT + 12 * HOUR);

/** Item `n` was sent at `n` o'clock, and stands at offset `n`. */
async function sendAt(place: JobPlace, hours: readonly number[]): Promise<void> {
  let hour = 0;
  const clock = (): Date => new Date(MIDNIGHT + hour * HOUR);
  const topic = openEmbeddedTopic({ dir: join(place.dir, "topics"), name: "things", retentionHours: 0, now: clock });
  await using producer = await topic.producer();
  for (hour of hours)
    await producer.send([{ key: String(hour), value: JSON.stringify(thing(hour)), headers: { item: "thing", origin: "example.com" } }]);
  await topic.close();
}

async function sixThings(): Promise<JobPlace> {
  const place = jobPlace();
  await sendAt(place, [1, 2, 3, 4, 5, 6]);
  return place;
}

/** As if retention had taken what came before an offset. */
async function removeUntil(place: JobPlace, hour: number): Promise<void> {
  const later = (): Date => new Date(MIDNIGHT + (hour + 1) * HOUR);
  const topic = openEmbeddedTopic({ dir: join(place.dir, "topics"), name: "things", retentionHours: 1, now: later });
  await topic.expire();
  await topic.close();
}

const replay = (...set: string[]) => ({ set: ["SOURCE_TYPE=kafka_replay", ...set], now });
const run = async (place: JobPlace, which: "all" | "new", ...set: string[]) =>
  (await place.run(thingsJob(which), replay(...set))).result.rowsIn;

describe("a range of a topic", () => {
  for (const [what, ...set] of [
    ["times", "SOURCE_FROM=2026-11-20T02:00:00Z", "SOURCE_TO=2026-11-20T12:00:00+07:00"],
    ["times between messages", "SOURCE_FROM=2026-11-20T01:30:00Z", "SOURCE_TO=2026-11-20T04:00:00.001Z"],
    ["offsets", "SOURCE_FROM=0:2", "SOURCE_TO=0:5"],
  ] as const)
    test(`by ${what} is read from its beginning up to its end, and what is new goes on there`, async () => {
      const place = await sixThings();
      expect(await run(place, "all", ...set)).toBe(3);
      expect(await place.links()).toEqual(["2", "3", "4"]);
      expect(place.record()).toMatchObject({ topics: { things: "4" }, starts: { things: "1" } });
      expect(await run(place, "new")).toBe(2);
      expect(await place.links()).toEqual(["2", "3", "4", "5", "6"]);
      expect(place.record()).toMatchObject({ topics: { things: "6" }, starts: { things: "1" } });
    });

  test("is open at either end; earliest and latest are the topic's own", async () => {
    const place = await sixThings();
    expect(await run(place, "all", "SOURCE_FROM=0:6", "SOURCE_TO=latest")).toBe(1);
    expect(await run(jobAnew(place), "all", "SOURCE_FROM=earliest", "SOURCE_TO=2026-11-20T02:00:00Z")).toBe(1);
    expect(await run(place, "all", "SOURCE_FROM=0:0")).toBe(6);
    expect(await run(place, "all", "SOURCE_FROM=2026-11-20")).toBe(6);
  });

  test("merges with what is published of the same topic; --accept-change publishes the range alone", async () => {
    const place = await sixThings();
    await run(place, "all");
    const range = ["SOURCE_FROM=0:2", "SOURCE_TO=0:4"];
    expect(await run(place, "all", ...range)).toBe(2);
    expect(place.logged.at(-1)).not.toMatch(/things from 0 to 1/);
    expect(place.logged).toContainEqual(
      expect.stringMatching(
        /^messages that the published output holds are not there \(topic things from 0 to 1, things from 3 to 6\): .*are kept from it/,
      ),
    );
    expect(await place.links()).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(place.record()).toMatchObject({ topics: { things: "6" }, starts: { things: "0" } });
    expect(await run(place, "new")).toBe(0);
    await place.run(thingsJob(), { ...replay(...range), acceptChange: true });
    expect(await place.links()).toEqual(["2", "3"]);
    expect(place.record()).toMatchObject({ topics: { things: "3" }, starts: { things: "1" } });
    expect(await run(place, "new")).toBe(3);
    expect(await place.links()).toEqual(["2", "3", "4", "5", "6"]);
    // Without a range all is read again, what came before the range too.
    expect(await run(place, "all")).toBe(6);
    expect(place.record()).toMatchObject({ topics: { things: "6" }, starts: { things: "0" } });
  });

  test("that does not meet what is published is refused: what is between would never be read", async () => {
    const place = await sixThings();
    await run(place, "all", "SOURCE_FROM=0:3", "SOURCE_TO=0:4");
    for (const range of [["SOURCE_FROM=0:5"], ["SOURCE_TO=0:2"], ["SOURCE_FROM=0:1", "SOURCE_TO=0:2"]])
      await expect(run(place, "all", ...range)).rejects.toMatchObject({
        code: "source_range",
        exitCode: 2,
        message: expect.stringMatching(/things .*and what is published \(0:3 to 0:4\) do not meet in partition 0: .*--accept-change/),
      });
    await expect(run(place, "new", "SOURCE_FROM=2026-11-20T05:00:00Z")).rejects.toMatchObject({
      code: "source_range",
      message: expect.stringMatching(/SOURCE_FROM \(0:5\) is behind where the published output ends in the topic things \(0:4\)/),
    });
    expect(await run(place, "all", "SOURCE_FROM=0:4", "SOURCE_TO=0:5")).toBe(1);
    expect(await place.links()).toEqual(["3", "4"]);
    expect(await run(place, "all", "SOURCE_TO=0:3")).toBe(2);
    expect(place.record()).toMatchObject({ topics: { things: "4" }, starts: { things: "0" } });
  });

  test("bounds what is new, and never takes it back", async () => {
    const place = await sixThings();
    await run(place, "all", "SOURCE_TO=0:4");
    expect(await run(place, "new", "SOURCE_FROM=0:1", "SOURCE_TO=0:5")).toBe(1);
    expect(await run(place, "new", "SOURCE_TO=0:2")).toBe(0);
    expect(place.record()).toMatchObject({ topics: { things: "4" } });
    expect(await run(place, "new")).toBe(2);
    expect(await place.links()).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  test("of a topic that was made anew does not go on from the former one", async () => {
    const place = await sixThings();
    await run(place, "all");
    const other = jobPlace();
    await sendAt(other, [7]);
    const anew = `TOPIC_DIR=${join(other.dir, "topics")}`;
    await expect(run(place, "new", anew)).rejects.toMatchObject({
      code: "topic_behind",
      message: expect.stringMatching(
        /things ends at 0:2, before the place where the published output does \(0:7\): it was made anew: run the full/,
      ),
    });
    expect(await run(place, "all", anew)).toBe(1);
    expect(await place.links()).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  });
});

describe("a range that is none", () => {
  for (const [set, message] of [
    [["SOURCE_FROM=0:8"], /SOURCE_FROM=0:8: the topic things ends at 7 in partition 0: name an offset up to that/],
    [["SOURCE_TO=0:9"], /SOURCE_TO=0:9: the topic things ends at 7 in partition 0/],
    [["SOURCE_FROM=0:1,3:4"], /the topic things has no partition 3: it has 0 \(0:1 to 0:7\)/],
    [["SOURCE_FROM=2026-11-21"], /SOURCE_FROM=2026-11-21 is in the future \(it is 2026-11-20T12:00:00.000Z\): name a time that has been/],
    [["SOURCE_TO=2026-11-20T20:00:00Z"], /SOURCE_TO=2026-11-20T20:00:00Z is in the future/],
    [["SOURCE_FROM=0:5", "SOURCE_TO=0:3"], /SOURCE_FROM=0:5 is not before SOURCE_TO=0:3 in partition 0 .*5, and 3\): exchange them/],
    [["SOURCE_FROM=2026-11-20T09:00:00Z", "SOURCE_TO=2026-11-20T08:00:00Z"], /is not before SOURCE_TO=2026-11-20T08:00:00Z: exchange/],
    [["SOURCE_FROM=2026-11-20T05:00:00Z", "SOURCE_TO=0:2"], /SOURCE_FROM=2026-11-20T05:00:00Z is not before SOURCE_TO=0:2 in partition 0/],
  ] as const)
    test(`is refused by name: ${set.join(", ")}`, async () => {
      const place = await sixThings();
      await expect(run(place, "all", ...set)).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
    });

  for (const set of [
    "SOURCE_FROM=yesterday",
    "SOURCE_FROM=latest",
    "SOURCE_TO=earliest",
    "SOURCE_FROM=2026-02-30",
    "SOURCE_FROM=2026-11-20T08:00:00",
    "SOURCE_FROM=1200",
    "SOURCE_FROM=0:1,0:2",
  ])
    test(`is no value of the setting: ${set}`, () => {
      expect(() => jobPlace().settings(set)).toThrow(
        new RegExp(
          `${set.split("=")[0]}="${set.split("=")[1]}" .* is not valid: allowed: (earliest|latest), a day .* or offsets \\(0:1200,1:1180\\)`,
        ),
      );
    });

  test("says what retention has taken", async () => {
    const place = await sixThings();
    await removeUntil(place, 3);
    await expect(run(place, "all", "SOURCE_FROM=0:2")).rejects.toThrow(
      /the topic things begins at 3 in partition 0, what was before has been removed: name an offset from that on, or earliest/,
    );
    const old = { ...replay("SOURCE_FROM=2026-11-20T02:00:00Z", "TOPIC_RETENTION_HOURS=9"), acceptChange: true };
    await expect(place.run(thingsJob(), old)).rejects.toThrow(
      /SOURCE_FROM=2026-11-20T02:00:00Z is older than TOPIC_RETENTION_HOURS \(9\), and .* before 0:3 has been removed: SOURCE_FROM=earliest begins/,
    );
    expect(await run(place, "all", "SOURCE_FROM=2026-11-20T04:00:00Z", "TOPIC_RETENTION_HOURS=9")).toBe(3);
    expect(await run(place, "all", "SOURCE_FROM=earliest")).toBe(4);
  });

  test("without a message in it is said to be so", async () => {
    const place = await sixThings();
    await expect(run(place, "all", "SOURCE_FROM=2026-11-20T07:00:00Z")).rejects.toMatchObject({
      code: "no_input",
      message: expect.stringMatching(/the topic things holds no thing from 0:7 to 0:7: widen SOURCE_FROM and SOURCE_TO/),
    });
  });
});

/** The same topic with nothing published of it. */
function jobAnew(place: JobPlace): JobPlace {
  const anew = jobPlace();
  anew.assignments.push(`TOPIC_DIR=${join(place.dir, "topics")}`);
  return anew;
}
