import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { jobPlace, thing, thingsJob, type JobPlace } from "../app/job-place.ts";
import { optionsOf, removeBefore, startBroker } from "./kafka-broker.ts";

const broker = await startBroker();
afterAll(() => broker?.remove());

/** Thirty things in three partitions, a third of them at a time; gives the times between. */
async function feed(name: string): Promise<string[]> {
  const topic = await openKafkaTopic(name, optionsOf(broker!.url));
  const between: string[] = [];
  await using producer = await topic.producer();
  for (let n = 0; n < 30; n += 10) {
    await sleep(20);
    between.push(new Date().toISOString());
    await sleep(20);
    const batch = Array.from({ length: 10 }, (_, i) => ({ key: `k${n + i}`, value: JSON.stringify(thing(n + i)) }));
    await producer.send(batch);
  }
  return between;
}

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => String(from + i)).sort();

describe.skipIf(broker === undefined)("a batch over a range of a Kafka topic", () => {
  const prepared = async (): Promise<{
    place: JobPlace;
    name: string;
    between: string[];
    run: (which: "all" | "new", ...set: string[]) => Promise<number>;
  }> => {
    const place = jobPlace();
    const name = `t-${randomUUID()}`;
    const kafka = ["SOURCE_TYPE=kafka_replay", `KAFKA_BOOTSTRAP_SERVERS=${broker!.url}`, `SOURCE_TOPIC=${name}`];
    const between = await feed(name);
    return {
      place,
      name,
      between,
      run: async (which, ...set) => (await place.run(thingsJob(which), { set: [...kafka, ...set] })).result.rowsIn,
    };
  };

  test("by times reads what was sent between them from all partitions, and what is new goes on there", async () => {
    const { place, between, run } = await prepared();
    expect(await run("all", `SOURCE_FROM=${between[1]}`, `SOURCE_TO=${between[2]}`)).toBe(10);
    expect(await place.links()).toEqual(numbers(10, 19));
    expect(await run("new")).toBe(10);
    expect(await place.links()).toEqual(numbers(10, 29));
    expect(await run("new", `SOURCE_FROM=${between[0]}`)).toBe(0);
    expect(await run("all")).toBe(30);
  });

  test("by offsets wants every partition named, as it says itself, and none that is not there", async () => {
    const { place, name, run } = await prepared();
    const message = await run("all", "SOURCE_FROM=1:2").catch((error: unknown) => (error as Error).message);
    const whole = /name all, as in (0:0,1:2,2:0)$/.exec(String(message))?.[1];
    expect(whole, String(message)).toBeDefined();
    const left = await run("all", `SOURCE_FROM=${whole!}`);
    expect(left).toBe(28);
    expect(await place.links()).toHaveLength(28);
    await expect(run("all", "SOURCE_FROM=0:0,1:0,2:0,5:0")).rejects.toThrow(/has no partition 5: it has 0, 1, 2/);
    await expect(run("all", "SOURCE_TO=0:0,1:999,2:0")).rejects.toThrow(/ends at \d+ in partition 1: name an offset up to that/);
    await removeBefore(broker!.url, name, 2, 3);
    await expect(run("all", "SOURCE_FROM=0:0,1:0,2:1")).rejects.toThrow(/begins at 3 in partition 2, what was before has been removed/);
    expect(await run("all", "SOURCE_FROM=0:0,1:2,2:3")).toBe(25);
    expect(await place.links()).toHaveLength(28);
  });
});
