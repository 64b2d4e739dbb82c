import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { openEmbeddedTopic } from "../../src/topics/embedded.ts";
import { start } from "../cli/project.ts";
import { eventsInput, letterOf, rowOf, type Row } from "./events-input.ts";
import { sampleScript } from "./events-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");

function place(): { env: Record<string, string>; dir: string } {
  const dir = mkdtempSync(join(tmpdir(), "arachne-events-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const env = { TOPIC_DIR: join(dir, "topics"), SERVING_PATH: join(dir, "serving.db"), BATCH_INTERVAL_SECONDS: "0.2" };
  return { dir, env };
}

async function read(env: Record<string, string>): Promise<{ lanes: { ledger: Record<string, unknown> }[]; remainder: unknown[] }> {
  const { code, stdout, stderr } = await start(ROOT, ["stream", "run", "stream_events", "--until-end", "--json"], { env }).ended;
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as never;
}

function stored(env: Record<string, string>): Row[] {
  using db = readSqlite(env["SERVING_PATH"]!);
  return db.all<Row>(
    "SELECT event_id, event_type, CAST(unixepoch(timestamp) AS INTEGER) AS seconds, payload, source, metadata FROM stream_events ORDER BY event_id, timestamp",
  );
}

const topicOf = (env: Record<string, string>, name: string) =>
  openEmbeddedTopic({ dir: env["TOPIC_DIR"]!, name, retentionHours: 0, now: () => new Date() });

async function messagesOf(env: Record<string, string>, name: string) {
  const topic = topicOf(env, name);
  const all = [];
  for await (const messages of topic.read({ signal: new AbortController().signal })) all.push(...messages);
  await topic.close();
  return all;
}

test("sample events go through the embedded topic into the embedded store, and can be asked about", async () => {
  const { env } = place();
  expect(await sampleScript(["-n", "25", "--seed", "7"], env)).toContain("sent 25 events to stream-events (embedded topic), seed 7");
  expect(await read(env)).toMatchObject({ lanes: [{ ledger: { read: 25, written: 25, dead: {} } }], remainder: [] });
  const sent = (await messagesOf(env, "stream-events")).map((m) => JSON.parse(m.value) as never);
  expect(stored(env)).toEqual(rowOf.all(sent));
  const query = "SELECT event_type, count(*) AS n FROM stream_events GROUP BY ALL ORDER BY ALL";
  const { stdout } = await start(ROOT, ["query", query, "--format", "json"], { env }).ended;
  expect(JSON.parse(stdout)).toEqual(
    ["order_placed", "page_view", "search", "sensor_reading", "user_signed_up"].map((event_type) => ({ event_type, n: 5 })),
  );
});

test("killed on the way, the stream stores each event once, and sets each poison aside once", async () => {
  const { env } = place();
  const { messages, events, poison } = eventsInput({ seed: 61, count: 5_000, poison: 0.02, repeats: 0.1 });
  const topic = topicOf(env, "stream-events");
  {
    await using producer = await topic.producer();
    await producer.send(messages);
  }
  await topic.close();
  for (const failpoint of ["clickhouse_recorded:1", "clickhouse_inserted:1", "stream_dead:1"]) {
    const { code } = await start(ROOT, ["stream", "run", "stream_events", "--until-end"], { env: { ...env, ARACHNE_FAILPOINT: failpoint } })
      .ended;
    expect(code, failpoint).toBeNull();
  }
  const { lanes, remainder } = await read(env);
  expect(remainder).toEqual([]);
  expect(lanes[0]!.ledger["read"]).toBe(messages.length);
  expect(stored(env)).toEqual(rowOf.all(events));
  const letters = (await messagesOf(env, "stream-events.dead")).map(letterOf).sort();
  expect(letters).toEqual(poison.map(({ reason, value }) => `${reason}: ${value.toString("base64")}`).sort());
});
