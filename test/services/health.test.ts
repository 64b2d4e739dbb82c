import { readdirSync } from "node:fs";
import { afterAll, expect, inject, onTestFinished, test } from "vitest";
import type { Health, HealthRow } from "../../src/app/health.ts";
import { parseExposition, valueOf } from "../app/exposition.ts";
import { message, offer } from "../app/stream-place.ts";
import { streamProject } from "../app/stream-process.ts";
import { start, type Outcome, type TestProject } from "../cli/project.ts";
import { freePort } from "../../scripts/services/port.ts";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { startStore } from "./clickhouse-store.ts";
import { asAdmin, optionsOf, startBroker } from "./kafka-broker.ts";
import { complaints, promtool } from "./promtool.ts";
import type { TopicMessage } from "../../src/core/topic.ts";

const [broker, store, tool] = await Promise.all([
  startBroker(),
  startStore({ login: { user: "arachne", password: "s3cret" } }),
  promtool(),
]);
afterAll(() => Promise.all([broker?.remove(), store?.remove()]));
const elasticsearchUrl = inject("elasticsearchUrl");
const sparkRemote = inject("sparkRemote");

interface Looked extends Outcome {
  row: (check: string) => HealthRow | undefined;
}

async function look(project: TestProject, env: Record<string, string>): Promise<Looked> {
  const outcome = await project.run(["health", "--json"], { env });
  const { rows } = JSON.parse(outcome.stdout || "null") as Health;
  return { ...outcome, row: (check) => rows.find((row) => row.check === check) };
}

const onKafka = (): Record<string, string> => ({ KAFKA_BOOTSTRAP_SERVERS: broker!.url, KAFKA_RETRY_SECONDS: "5" });

function onClickHouse(): Record<string, string> {
  const { CLICKHOUSE_HOST, CLICKHOUSE_PORT } = store!.settings;
  return { CLICKHOUSE_HOST, CLICKHOUSE_PORT: String(CLICKHOUSE_PORT), CLICKHOUSE_USER: "arachne", CLICKHOUSE_PASSWORD: "s3cret" };
}

async function send(topic: string, messages: readonly TopicMessage[]): Promise<void> {
  const opened = await openKafkaTopic(topic, optionsOf(broker!.url));
  await using producer = await opened.producer();
  await producer.send(messages);
}

test.skipIf(!broker || !store || !elasticsearchUrl || !sparkRemote)(
  "each real service tells its version, and nothing is made by asking",
  async () => {
    const project = streamProject();
    const before = readdirSync(project.dir);
    const env = {
      ...onKafka(),
      ELASTICSEARCH_URL: elasticsearchUrl!,
      ...onClickHouse(),
      SPARK_REMOTE: sparkRemote!,
      HEALTH_TIMEOUT_SECONDS: "60", // the first session of a Spark server takes its time
    };
    const { code, stdout, stderr, row } = await look(project, env);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
    expect(row("kafka")).toMatchObject({ state: "ok", version: "4.4", found: `Kafka 4.4, 1 broker, ${broker!.url}` });
    expect(row("elasticsearch")).toMatchObject({ version: expect.stringMatching(/^8\.\d+\.\d+$/) as string });
    expect(row("elasticsearch")!.state).not.toBe("down");
    expect(row("clickhouse")).toMatchObject({ state: "ok", version: expect.stringMatching(/^\d+\.\d+/) as string });
    expect(row("spark")).toMatchObject({ state: "ok", version: expect.stringMatching(/^4\.\d/) as string });
    expect(row("stream.offers.serving")!.found).toBe("there is no topic t yet");
    expect(stdout).not.toContain("s3cret");
    expect(await asAdmin(broker!.url, (admin) => admin.listTopics())).toEqual([]);
    expect(await store!.sql("SHOW TABLES")).toEqual([]);
    expect(readdirSync(project.dir)).toEqual(before);
  },
);

test.skipIf(!store)("a login that ClickHouse refuses, and a database that it has not, are down with what to set", async () => {
  const refused = await look(streamProject(), { ...onClickHouse(), CLICKHOUSE_PASSWORD: "another" });
  expect(refused.row("clickhouse")).toMatchObject({ state: "down", found: expect.stringContaining("check CLICKHOUSE_USER") as string });
  const missing = await look(streamProject(), { ...onClickHouse(), CLICKHOUSE_DATABASE: "nowhere" });
  expect(missing.row("clickhouse")).toMatchObject({ state: "down", found: expect.stringContaining("CLICKHOUSE_DATABASE") as string });
});

test.skipIf(!broker)("lag and dead letters are counted on a real Kafka, and Prometheus reads what is measured", async () => {
  const project = streamProject();
  const offers = Array.from({ length: 30 }, (_, n) => message(offer(n)));
  await send("t", [...offers, { key: "p", value: "poison" }, { key: "q", value: "{}" }]);
  const waiting = await look(project, onKafka());
  expect(waiting.row("stream.offers.serving")).toMatchObject({ state: "warn", found: "32 messages of t to read, not running" });
  expect(waiting.row("dead letters")).toMatchObject({ state: "ok" });
  expect(await asAdmin(broker!.url, (admin) => admin.listTopics())).toEqual(["t"]); // not yet Kafka's own for offsets

  expect((await project.run(["stream", "run", "offers", "--until-end"], { env: onKafka() })).code).toBe(0);
  const read = await look(project, { ...onKafka(), HEALTH_TIMEOUT_SECONDS: "20" });
  expect(read.row("stream.offers.serving")).toMatchObject({ state: "ok", found: "0 messages of t to read, not running" });
  expect(read.row("dead letters.t")).toMatchObject({ state: "warn", found: "2 messages in t.dead, not put back" });

  const port = await freePort();
  const running = start(project.dir, ["stream", "run", "offers"], { env: { ...onKafka(), METRICS_PORT: String(port) } });
  onTestFinished(() => running.kill("SIGKILL"));
  await send("t", [message(offer(31))]);
  let text = "\n";
  const lag = (group: string): number | undefined => valueOf(parseExposition(text), "arachne_topic_lag_messages", { topic: "t", group });
  const counted = (): number | undefined => valueOf(parseExposition(text), "arachne_stream_read_messages_total", { stream: "offers" });
  while (counted() !== 1 || lag("offers.serving") !== 0) {
    await new Promise((next) => setTimeout(next, 200));
    text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
      (answer) => answer.text(),
      () => "\n", // not there yet
    );
  }
  expect(lag("bars")).toBe(33);
  if (tool !== undefined) expect(complaints(tool, text).filter((line) => !line.startsWith("nodejs_"))).toEqual([]);
});

test.skipIf(!broker)(
  "a broker that is suspended or stopped is down in time and without noise, and well again when it is back",
  async () => {
    const project = streamProject();
    const env = { ...onKafka(), HEALTH_TIMEOUT_SECONDS: "2" };
    process.kill(-broker!.service.pid, "SIGSTOP");
    const silent = await look(project, env).finally(() => process.kill(-broker!.service.pid, "SIGCONT"));
    expect(silent).toMatchObject({ code: 1, stderr: "" });
    expect(silent.row("kafka")).toMatchObject({ state: "down", found: "no answer within 2 s" });
    expect(silent.row("stream.offers.serving")).toMatchObject({ state: "warn", found: "its lag on t is not known" });

    await broker!.service.kill();
    const stopped = await look(project, { ...env, HEALTH_TIMEOUT_SECONDS: "20" });
    expect(stopped).toMatchObject({ code: 1, stderr: "" });
    expect(stopped.row("kafka")!.found).toMatch(/see that the brokers run.*ECONNREFUSED/);

    const metrics = await project.run(["metrics"], { env: onKafka() });
    expect(metrics.code).toBe(0);
    expect(metrics.stderr.trim().split("\n")).toEqual([expect.stringMatching(/warn metrics: the lag of streams is not known/)]);

    await broker!.again();
    expect((await look(project, { ...env, HEALTH_TIMEOUT_SECONDS: "60" })).row("kafka")).toMatchObject({ state: "ok", version: "4.4" });
  },
);
