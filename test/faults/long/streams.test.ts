import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { startElasticsearch } from "../../../scripts/services/elasticsearch.ts";
import type { Service } from "../../../scripts/services/process.ts";
import { startStore } from "../../services/clickhouse-store.ts";
import { startBroker } from "../../services/kafka-broker.ts";
import { lateProxy } from "../late-proxy.ts";
import { killAgainAndAgain, readToEnd, shuffleWorkers, type Done } from "../stream-drive.ts";
import { RIGHT } from "../stream-figures.ts";
import { eventsSystem, listingsSystem, type EventsOptions, type System, type SystemOptions } from "../stream-systems.ts";
import { startWorker, type StreamWorker } from "../stream-worker.ts";

const SEED = Number(process.env["FAULT_SEED"] ?? 20261121);
const KILLS = Number(process.env["ARACHNE_TEST_KILLS"] ?? 50);
/** Where each takes a while. */
const FEW = Math.ceil(KILLS / 5);
const ACTIONS = Number(process.env["ARACHNE_TEST_ACTIONS"] ?? 60);
/** How long a server is down. */
const BROKER_SECONDS = Number(process.env["ARACHNE_TEST_BROKER_SECONDS"] ?? 30);
const STORE_SECONDS = Number(process.env["ARACHNE_TEST_STORE_SECONDS"] ?? 60);
/** A worker's own need is about a third of it; what a leak would come to is several times that. */
const MOST_MEMORY = 500 * 1024 * 1024;

const POINTS = ["stream_written", "stream_dead", "stream_before_commit", "stream_decoded", "stream_after_commit"];

// Elasticsearch's unprivileged user cannot enter a folder within one of ours.
const folder = await mkdtemp(join(tmpdir(), "arachne-elasticsearch-"));
const startSearch = (): Promise<Service> => startElasticsearch({ dir: folder, heap: "512m", quick: true });
const [broker, store, search] = await Promise.all([startBroker({ heap: "384m" }), startStore(), startSearch()]);
const servers = { search };
afterAll(async () => {
  await Promise.all([broker?.remove(), store?.remove(), servers.search.kill()]);
  await rm(folder, { recursive: true, force: true });
});

let aliases = 0;
const listings = (count: number, env: Record<string, string> = {}, url = servers.search.url): Promise<System> =>
  listingsSystem(url, `faults_${++aliases}`, { kafka: broker!.url, seed: SEED + aliases, count, partitions: 4, env });
const events = (count: number, more: EventsOptions & Pick<SystemOptions, "env"> = {}): Promise<System> =>
  eventsSystem(store!, { kafka: broker!.url, seed: SEED + ++aliases, count, partitions: 4, ...more });

/** Reads to the end; what is served must be what the messages say, and what was set aside the poison. */
async function conclude(what: string, system: System, done: Partial<Done>): Promise<void> {
  const peak = Math.max(done.peak ?? 0, await readToEnd(system));
  const figures = await system.figures();
  const figured = { ...done, peak: `${Math.round(peak / 1024 / 1024)} MB`, messages: system.messages.length, ...figures };
  console.log(`${what}: ${JSON.stringify(figured)}`);
  expect(figures).toMatchObject(RIGHT);
  expect(peak).toBeLessThan(MOST_MEMORY);
}

test(`Elasticsearch: ${KILLS} kills over a running topic with poison, repeats and disorder`, async () => {
  const system = await listings(KILLS * 800);
  const done = await killAgainAndAgain(system, POINTS, KILLS, SEED);
  expect(done.killed).toBe(KILLS);
  await conclude("kills, Elasticsearch", system, done);
});

test(`ClickHouse: ${KILLS} kills over a running topic with poison, repeats and disorder`, async () => {
  const system = await events(KILLS * 800);
  const points = [...POINTS, "clickhouse_recorded", "clickhouse_sending", "clickhouse_inserted"];
  const done = await killAgainAndAgain(system, points, KILLS, SEED + 1);
  expect(done.killed).toBe(KILLS);
  await conclude("kills, ClickHouse", system, done);
});

test(`Elasticsearch: workers join, leave, are killed and frozen, ${ACTIONS} times`, async () => {
  const system = await listings(ACTIONS * 700, {}, `http://127.0.0.1:${await lateProxy(servers.search.url, SEED, 1_000)}`);
  await conclude("rebalances, Elasticsearch", system, await shuffleWorkers(system, { slots: 4, actions: ACTIONS, seed: SEED }));
});

test(`ClickHouse: workers join, leave, are killed and frozen, ${ACTIONS} times, while inserts are under way`, async () => {
  const system = await events(ACTIONS * 700, { port: await lateProxy(store!.url, SEED, 2_000) });
  await conclude("rebalances, ClickHouse", system, await shuffleWorkers(system, { slots: 4, actions: ACTIONS, seed: SEED + 1 }));
});

/** One worker, messages all the time, and in the middle of them something that happens to a server. */
async function whileItRuns(what: string, system: System, happens: (worker: StreamWorker) => Promise<unknown>): Promise<void> {
  const worker = startWorker(system.stream, [], system.env);
  const over = new AbortController();
  const share = Math.ceil(system.messages.length / 100);
  const sending = (async () => {
    for (let i = 0; i < 20; i++) await system.send(share).then(() => sleep(200));
    while (!over.signal.aborted) await system.send(share).then(() => sleep(1_000));
    for (let i = 0; i < 10; i++) await system.send(share).then(() => sleep(200));
  })();
  await sleep(6_000);
  await happens(worker);
  over.abort();
  await sending;
  worker.kill("SIGTERM");
  const { code, stderr } = await worker.ended;
  expect([0, 143], stderr).toContain(code);
  await conclude(what, system, { peak: worker.peak() });
}

test(`the broker is stopped for ${BROKER_SECONDS} s in mid stream`, async () => {
  const both = await Promise.all([listings(20_000), events(20_000)]);
  let gone: Promise<void> | undefined;
  const stopped = (): Promise<void> =>
    (gone ??= (async () => {
      await broker!.service.stop();
      await sleep(BROKER_SECONDS * 1_000);
      await broker!.again();
    })());
  await Promise.all(both.map((system) => whileItRuns(`broker stopped, ${system.stream}`, system, stopped)));
});

test(`Elasticsearch is down for ${STORE_SECONDS} s`, async () => {
  await whileItRuns("Elasticsearch down", await listings(20_000), async () => {
    await servers.search.kill();
    await sleep(STORE_SECONDS * 1_000);
    servers.search = await startSearch();
  });
});

test(`ClickHouse is down for ${STORE_SECONDS} s`, async () => {
  await whileItRuns("ClickHouse down", await events(20_000), async () => {
    await store!.service.kill();
    await sleep(STORE_SECONDS * 1_000);
    await store!.again();
  });
});

test("stores that take a second a write hold nothing else up, and memory stays flat", async () => {
  const slow = async (url: string): Promise<number> => lateProxy(url, undefined, 1_000);
  const systems = [
    await listings(20_000, { STREAM_BATCH_MESSAGES: "1000" }, `http://127.0.0.1:${await slow(servers.search.url)}`),
    await events(60_000, { port: await slow(store!.url) }),
  ];
  await Promise.all(systems.map((system) => whileItRuns(`a second a write, ${system.stream}`, system, () => sleep(30_000))));
});

test("ClickHouse refuses single rows for good, while the stream is killed again and again", async () => {
  const system = await events(FEW * 800, { refuses: "77" });
  await conclude("refused, ClickHouse", system, await killAgainAndAgain(system, POINTS, FEW, SEED + 2));
});

test("the clock jumps an hour ahead, two back, and comes right again", async () => {
  const env = { NODE_OPTIONS: `--import ${join(import.meta.dirname, "../clock.mjs")}`, CLOCK_JUMPS: "3600000,-3600000,0" };
  const systems = [await listings(20_000, env), await events(20_000, { env })];
  const jumping = async (worker: StreamWorker): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      worker.kill("SIGUSR2");
      await sleep(8_000);
    }
  };
  await Promise.all(systems.map((system) => whileItRuns(`clock, ${system.stream}`, system, jumping)));
});
