import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { intoClickHouse, type SinkWriter, type StreamEntry } from "arachne";
import { RIGHT } from "../faults/stream-figures.ts";
import { readToEnd } from "../faults/stream-drive.ts";
import { eventsSystem } from "../faults/stream-systems.ts";
import { startWorker } from "../faults/stream-worker.ts";
import { Offer, offer, place } from "../app/stream-place.ts";
import { losingProxy, startStore } from "./clickhouse-store.ts";
import { startBroker } from "./kafka-broker.ts";

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
    let holding = false;
    let letGo = (): void => undefined;
    const released = new Promise<void>((done) => (letGo = done));
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((done) => (arrive = done));
    const port = await losingProxy(store!.url, async (url) => {
      if (!holding || !url.includes("INSERT")) return false;
      arrive();
      await released;
      return false;
    });
    const system = await eventsSystem(store!, { kafka: broker!.url, seed: 71, count: 1_500 });
    const frozen = startWorker(system.stream, [], { ...system.env, CLICKHOUSE_PORT: String(port) });
    await system.send(700);
    while (!frozen.said().includes("set aside")) await sleep(50); // it has looked which dead letters there are
    holding = true;
    await system.send(700);
    await arrived;
    frozen.kill("SIGSTOP");
    await readToEnd(system);
    frozen.kill("SIGCONT");
    letGo();
    await readToEnd(system);
    frozen.kill("SIGTERM");
    const { code, stderr } = await frozen.ended;
    expect([0, 143], stderr).toContain(code);
    expect(await system.figures()).toMatchObject(RIGHT);
  });
});
