import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { CLICKHOUSE_VERSION } from "../../scripts/services/chdb.ts";
import type { TopicMessage } from "../../src/core/topic.ts";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { eventsInput, letterOf, rowOf, type Row } from "../streams/events-input.ts";
import { sampleScript } from "../streams/events-process.ts";
import { start } from "../cli/project.ts";
import { startStore } from "./clickhouse-store.ts";
import { contents, optionsOf, startBroker } from "./kafka-broker.ts";

/** NODE_OPTIONS=--max-old-space-size=14000 ARACHNE_TEST_EVENTS=1000000 for the long form (six minutes): what is compared is more than Node has by default. */
const EVENTS = Number(process.env["ARACHNE_TEST_EVENTS"] ?? 100_000);

const ROOT = resolve(import.meta.dirname, "../..");
const [store, broker] = await Promise.all([startStore({ version: CLICKHOUSE_VERSION }), startBroker()]);
afterAll(async () => {
  await store?.remove();
  await broker?.remove();
});

/** Settings of one test's own topic and table, as environment. */
function place(): Record<string, string> {
  const dir = mkdtempSync(join(tmpdir(), "arachne-events-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return {
    KAFKA_BOOTSTRAP_SERVERS: broker!.url,
    KAFKA_TOPIC: `e-${randomUUID()}`,
    CLICKHOUSE_HOST: "127.0.0.1",
    CLICKHOUSE_PORT: new URL(store!.url).port,
    CLICKHOUSE_TABLE: `e_${randomUUID().replaceAll("-", "")}`,
    CHECKPOINT_LOCATION: join(dir, "checkpoints"),
    BATCH_INTERVAL_SECONDS: "1",
  };
}

async function read(env: Record<string, string>): Promise<{ lanes: { ledger: Record<string, unknown> }[]; remainder: unknown[] }> {
  const { code, stdout, stderr } = await start(ROOT, ["stream", "run", "stream_events", "--until-end", "--json"], { env }).ended;
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as never;
}

const stored = (env: Record<string, string>): Promise<Row[]> =>
  store!.sql<Row>(
    `SELECT event_id, event_type, toUInt32(timestamp) AS seconds, payload, source, metadata FROM ${env["CLICKHOUSE_TABLE"]!} ORDER BY event_id, seconds`,
  );

const topicOf = (name: string) => openKafkaTopic(name, optionsOf(broker!.url));

async function send(name: string, messages: readonly TopicMessage[]): Promise<void> {
  const topic = await topicOf(name);
  {
    await using producer = await topic.producer();
    for (let i = 0; i < messages.length; i += 5_000) await producer.send(messages.slice(i, i + 5_000));
  }
  await topic.close();
}

describe.skipIf(store === undefined || broker === undefined)("events from Kafka into ClickHouse", () => {
  test("the ten sample events arrive, each as the domain reads it", async () => {
    const env = place();
    await sampleScript([], env);
    expect(await read(env)).toMatchObject({ lanes: [{ ledger: { read: 10, written: 10, dead: {} } }], remainder: [] });
    const topic = await topicOf(env["KAFKA_TOPIC"]!);
    const sent = await contents(topic);
    await topic.close();
    expect(await stored(env)).toEqual(rowOf.all(sent.map((m) => JSON.parse(m.value) as never)));
  });

  const what = `of ${EVENTS.toLocaleString("en-US")} events with repeats, disorder and poison, each is there once, and each poison set aside once`;
  test(what, { timeout: 120_000 + EVENTS }, async () => {
    const env = place();
    const { messages, events, poison } = eventsInput({ seed: 51, count: EVENTS, poison: 0.01, repeats: 0.02 });
    await send(env["KAFKA_TOPIC"]!, messages);
    // Killed on the way: before an insert goes out, and when it has arrived.
    for (const failpoint of ["clickhouse_recorded:3", "clickhouse_inserted:2"]) {
      const killed = await start(ROOT, ["stream", "run", "stream_events", "--until-end"], { env: { ...env, ARACHNE_FAILPOINT: failpoint } })
        .ended;
      expect(killed.code, killed.stderr).toBeNull();
    }
    const { remainder } = await read(env);
    expect(remainder).toEqual([]);
    const rows = await stored(env);
    expect(rows).toHaveLength(events.length);
    expect(rows).toEqual(rowOf.all(events));
    const dead = await topicOf(`${env["KAFKA_TOPIC"]!}.dead`);
    const letters = (await contents(dead)).map(letterOf).sort();
    await dead.close();
    expect(letters).toEqual(poison.map(({ reason, value }) => `${reason}: ${value.toString("base64")}`).sort());
    expect(await read(env)).toMatchObject({ lanes: [{ ledger: { read: 0 } }] });
  });
});
