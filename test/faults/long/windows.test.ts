import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startElasticsearch } from "../../../scripts/services/elasticsearch.ts";
import { startBroker } from "../../services/kafka-broker.ts";
import { killAgainAndAgain, readToEnd } from "../stream-drive.ts";
import { RIGHT } from "../stream-figures.ts";
import { barsSystem, spotsSystem } from "../stream-own.ts";
import { startWorker } from "../stream-worker.ts";

const SEED = Number(process.env["FAULT_SEED"] ?? 20261121);
const KILLS = Number(process.env["ARACHNE_TEST_KILLS"] ?? 50);
const FEW = Math.ceil(KILLS / 5);
const MOST_MEMORY = 500 * 1024 * 1024;

// Elasticsearch's unprivileged user cannot enter a folder within one of ours.
const folder = await mkdtemp(join(tmpdir(), "arachne-elasticsearch-"));
const [broker, search] = await Promise.all([startBroker({ heap: "384m" }), startElasticsearch({ dir: folder, heap: "512m", quick: true })]);
afterAll(async () => {
  await Promise.all([broker?.remove(), search.kill()]);
  await rm(folder, { recursive: true, force: true });
});

const WINDOW_POINTS = [
  "stream_checkpoint",
  "stream_dead",
  "stream_checkpoint_in",
  "stream_before_commit",
  "stream_written",
  "stream_decoded",
  "stream_after_commit",
];

test(`windows: ${KILLS} kills over a running topic with late ticks and poison; then the checkpoint is torn`, async () => {
  const system = await barsSystem(search.url, "windows", { kafka: broker!.url, seed: SEED, count: KILLS * 400, partitions: 4 });
  const done = await killAgainAndAgain(system, WINDOW_POINTS, KILLS, SEED);
  const peak = Math.max(done.peak, await readToEnd(system));
  const figures = await system.figures();
  console.log(`kills, windows: ${JSON.stringify({ ...done, peak, messages: system.messages.length, ...figures })}`);
  expect(figures).toMatchObject(RIGHT);
  expect(peak).toBeLessThan(MOST_MEMORY);

  const file = join(system.env["STATE_DIR"]!, "stream-bars.db");
  await Promise.all(["-wal", "-shm"].map((ending) => rm(file + ending, { force: true })));
  await writeFile(file, Buffer.concat([(await readFile(file)).subarray(0, 4096), Buffer.alloc(60_000, 7)]));
  const { code, stderr } = await startWorker(system.stream, [], system.env, system.dir).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/checkpoint .*stream-bars\.db cannot be used.*--fresh/);
  await readToEnd(system, ["--fresh"]);
  expect(await system.figures()).toMatchObject(RIGHT);
});

test("Elasticsearch refuses single documents for good, while the stream is killed again and again", async () => {
  const system = await spotsSystem(search.url, "spots", { kafka: broker!.url, seed: SEED, count: FEW * 1_000, partitions: 4 });
  const done = await killAgainAndAgain(system, ["stream_written", "stream_dead", "stream_before_commit"], FEW, SEED);
  await readToEnd(system);
  const figures = await system.figures();
  console.log(`refused, Elasticsearch: ${JSON.stringify({ ...done, messages: system.messages.length, ...figures })}`);
  expect(figures).toMatchObject(RIGHT);
});
