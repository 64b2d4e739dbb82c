import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { intoClickHouse, type SinkWriter, type StreamEntry } from "arachne";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { RIGHT } from "../faults/stream-figures.ts";
import { readToEnd } from "../faults/stream-drive.ts";
import { eventsSystem } from "../faults/stream-systems.ts";
import { startWorker, type StreamWorker } from "../faults/stream-worker.ts";
import { Offer, offer, place } from "../app/stream-place.ts";
import { losingProxy, startStore } from "./clickhouse-store.ts";
import { asAdmin, optionsOf, startBroker } from "./kafka-broker.ts";

const [store, broker] = await Promise.all([startStore(), startBroker()]);
afterAll(async () => {
  await store?.remove();
  await broker?.remove();
});

describe.skipIf(store === undefined || broker === undefined)("a partition that changes hands", () => {
  test("two processes that insert its rows at the very same time insert them once", async () => {
    const table = `t_${randomUUID().replaceAll("-", "")}`;
    // The rows of an insert take a second after the server has looked for what is there.
    await store!.sql(
      `CREATE TABLE ${table} (id String, n Int64, at DateTime, note Nullable(String), slow UInt8 DEFAULT sleepEachRow(0.02)) ENGINE = MergeTree ORDER BY id`,
    );
    const sink = intoClickHouse({ table, item: Offer, time: "at", dedupWindow: 60 });
    const open = async (port: number, machine: string): Promise<SinkWriter> => {
      const p = place({ ...store!.settings, CLICKHOUSE_PORT: port });
      const settings = { ...p.settings, CHECKPOINT_LOCATION: join(p.dir, machine) };
      const c = { ...p, settings, now: () => new Date(), signal: new AbortController().signal, stream: "s", sink: "rows", root: p.dir };
      const writer = await sink.open(c);
      onTestFinished(async () => writer[Symbol.asyncDispose]());
      return writer;
    };
    let release = (): void => undefined;
    const released = new Promise<void>((done) => (release = done));
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((done) => (arrive = done));
    const port = await losingProxy(store!.url, async (url) => {
      if (!url.includes("INSERT")) return false;
      arrive();
      await released;
      return false;
    });
    const batch = (n: number, partition: number): StreamEntry[] =>
      Array.from({ length: 50 }, (_, i) => ({ item: offer(n + i), headers: {}, partition, offset: n + i, time: 0 }));
    const [former, later, other] = [
      await open(port, "a"),
      await open(store!.settings.CLICKHOUSE_PORT, "b"),
      await open(store!.settings.CLICKHOUSE_PORT, "c"),
    ];
    const slow = former.write([...batch(0, 3), ...batch(50, 4)]).catch((error: unknown) => error);
    await arrived; // it has looked, and found nothing
    const quick = later.write(batch(50, 4));
    while ((await store!.sql(`SELECT 1 FROM system.processes WHERE query LIKE 'INSERT%${table}%'`)).length === 0);
    release();
    const beside = other.write(batch(100, 5)); // of another partition: it need not wait
    expect(await slow).toMatchObject({ name: "TransientError", code: "clickhouse_busy" });
    expect([await quick, await beside]).toMatchObject([{ written: 50 }, { written: 50 }]);
    expect(await former.write([...batch(0, 3), ...batch(50, 4)])).toMatchObject({ written: 50, kept: 50 });
    expect(await store!.sql(`SELECT count() AS n, uniqExact(id) AS ids FROM ${table}`)).toEqual([{ n: "150", ids: "150" }]);
  });

  test("a worker that is frozen at its insert until another has done its work leaves nothing twice", async () => {
    const first = await gate();
    const system = await eventsSystem(store!, { kafka: broker!.url, seed: 71, count: 1_500 });
    const frozen = startWorker(system.stream, [], { ...system.env, CLICKHOUSE_PORT: first.port });
    await system.send(700);
    while (!frozen.said().includes("set aside")) await sleep(50); // it has looked which dead letters there are
    first.shut();
    await system.send(700);
    await first.held;
    frozen.kill("SIGSTOP");
    await readToEnd(system);
    frozen.kill("SIGCONT");
    first.open();
    await readToEnd(system);
    await stop(frozen);
    expect(await system.figures()).toMatchObject(RIGHT);
  });

  test("… nor one that is frozen while it looks which dead letters there are", async () => {
    const system = await eventsSystem(store!, { kafka: broker!.url, seed: 72, count: 1_500 });
    const topic = system.env["KAFKA_TOPIC"]!;
    const others = 100_000; // so that it looks for a while
    const dead = await openKafkaTopic(`${topic}.dead`, optionsOf(broker!.url, { as: topic, partitions: 1 }));
    {
      await using producer = await dead.producer();
      await producer.send(Array.from({ length: others }, (_, i) => ({ key: String(i), value: "" })));
    }
    await dead.close();
    await system.send(1_400);
    const frozen = await asAdmin(broker!.url, async (admin) => {
      // None are told of while they are being loaded.
      const groups = async () => (await admin.listGroups().catch(() => ({ groups: [] }))).groups.map(({ groupId }) => groupId);
      const before = await groups();
      const worker = startWorker(system.stream, [], system.env);
      while (!(await groups()).some((id) => id.startsWith("arachne-read-") && !before.includes(id))) await sleep(5);
      return worker;
    });
    frozen.kill("SIGSTOP");
    await readToEnd(system);
    frozen.kill("SIGCONT");
    while (!/set aside|taken over/.test(frozen.said())) await sleep(50);
    await stop(frozen);
    expect(await system.figures()).toMatchObject({ ...RIGHT, lettersUnexpected: others });
  });

  test("… nor one that the group has forgotten, while it waits to be let in again", async () => {
    const [first, second] = [await gate(), await gate()];
    const system = await eventsSystem(store!, { kafka: broker!.url, seed: 73, count: 2_500 });
    const frozen = startWorker(system.stream, [], { ...system.env, CLICKHOUSE_PORT: first.port });
    await system.send(700);
    while (!frozen.said().includes("set aside")) await sleep(50);
    first.shut();
    await system.send(600);
    await first.held;
    frozen.kill("SIGSTOP");
    const other = startWorker(system.stream, [], { ...system.env, CLICKHOUSE_PORT: second.port });
    const topic = await openKafkaTopic(system.env["KAFKA_TOPIC"]!, optionsOf(broker!.url));
    while ((await topic.lag(`${topic.name}.clickhouse`)) > 0) await sleep(100);
    await topic.close();
    second.shut();
    await system.send(600);
    await second.held;
    await system.send(500);
    await sleep(2_000); // the other one has these at hand, so that it joins the group anew only once its insert is done
    frozen.kill("SIGCONT");
    await sleep(2_000); // it has heard that it is forgotten, and asks to be let in
    first.open();
    await sleep(2_000);
    second.open();
    await readToEnd(system);
    await stop(frozen);
    await stop(other);
    expect(await system.figures()).toMatchObject(RIGHT);
  });
});

/** A way to the server on which inserts are held once it is shut, until it is opened. */
async function gate() {
  let isShut = false;
  let arrive = (): void => undefined;
  let open = (): void => undefined;
  const held = new Promise<void>((done) => (arrive = done));
  const opened = new Promise<void>((done) => (open = done));
  const port = await losingProxy(store!.url, async (url) => {
    if (!isShut || !url.includes("INSERT")) return false;
    arrive();
    await opened;
    return false;
  });
  return { port: String(port), held, open, shut: () => void (isShut = true) };
}

async function stop(worker: StreamWorker): Promise<void> {
  worker.kill("SIGTERM");
  const { code, stderr } = await worker.ended;
  expect([0, 143], stderr).toContain(code);
}
