/**
 * `npm run bench bulk [documents] [rounds]`: listings into a real Elasticsearch (ARACHNE_TEST_ELASTICSEARCH_URL, or one of our own) through our
 * sink, and through a bare `helpers.bulk` loop of the official client into an index with the same settings and mapping, by turns.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@elastic/elasticsearch";
import { Listing } from "../domain/bds/listing.ts";
import { startElasticsearch } from "../scripts/services/elasticsearch.ts";
import type { StoredDocument } from "../src/core/engine.ts";
import { settingsSchema } from "../src/core/settings-schema.ts";
import { openElasticsearchServing } from "../src/sinks/elasticsearch/serving.ts";
import { writeListings } from "./batch/generate.ts";
import { median } from "./measure.ts";

interface Measured {
  documentsPerSecond: number;
  cpu: number;
}

const ALIAS = "bench_bulk";
const INDEX = `${ALIAS}-documents-1`;
const BARE = `${ALIAS}-documents-bare`;
const CHUNK = 2_000;

export default async function bench(args: readonly string[]): Promise<void> {
  const count = Number(args[0] ?? 100_000);
  const rounds = Number(args[1] ?? 3);
  // One each: Elasticsearch's unprivileged user cannot enter a temporary folder of ours.
  const work = mkdtempSync(join(tmpdir(), "arachne-bench-bulk-"));
  const home = mkdtempSync(join(tmpdir(), "arachne-bench-elasticsearch-"));
  const given = process.env["ARACHNE_TEST_ELASTICSEARCH_URL"];
  const server = given ? undefined : await startElasticsearch({ dir: home, say: console.log });
  const url = given || server!.url;
  const client = new Client({ node: url });
  const clear = async (): Promise<void> =>
    void (await client.indices.delete({ index: [INDEX, BARE], ignore_unavailable: true, expand_wildcards: "all" }));
  try {
    const documents = listings(join(work, "listings.jsonl"), count);
    const bytes = documents.reduce((sum, { document }) => sum + Buffer.byteLength(document), 0);
    console.log(
      `${documents.length.toLocaleString("en-US")} documents, ${(bytes / 1e6).toFixed(0)} MB of JSON, ${rounds} rounds, after one to warm up`,
    );
    const results: Record<"ours" | "bare", Measured[]> = { ours: [], bare: [] };
    for (let round = 0; round <= rounds; round++) {
      await clear();
      await throughSink(url, []); // makes our index, whose mapping the other takes over
      const loop = await bareLoop(client, documents);
      const turns = [["ours", () => throughSink(url, documents)] as const, ["bare", loop] as const];
      for (const [name, work] of round % 2 === 0 ? turns : turns.reverse()) results[name][round] = await measured(documents.length, work);
      for (const index of [INDEX, BARE]) await check(client, index, documents.length);
      if (round > 0) console.log(`round ${round}: ours ${show(results.ours[round]!)}   bare helpers.bulk ${show(results.bare[round]!)}`);
    }
    const share = (what: keyof Measured): string => ((100 * medianOf(results.ours, what)) / medianOf(results.bare, what)).toFixed(0);
    console.log(`ours is ${share("documentsPerSecond")} % of the bare loop's rate, with ${share("cpu")} % of its CPU (medians)`);
  } finally {
    await clear();
    await client.close();
    await server?.stop();
    for (const dir of [work, home]) rmSync(dir, { recursive: true, force: true });
  }
}

/** The generator's listings, each link once. */
function listings(file: string, count: number): StoredDocument[] {
  writeListings(file, Math.ceil((count * 20) / 19));
  const found = new Map<string, StoredDocument>();
  for (const document of readFileSync(file, "utf8").split("\n")) {
    if (document === "" || found.size === count) continue;
    const { link, crawled_at } = JSON.parse(document) as Listing;
    // Some rows are bad on purpose; these have no version.
    if (!found.has(link) && !Number.isNaN(Date.parse(crawled_at))) found.set(link, { key: link, version: crawled_at, document });
  }
  return [...found.values()];
}

async function throughSink(url: string, documents: readonly StoredDocument[]): Promise<void> {
  const silent = (): void => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const settings = { ...settingsSchema.parse({}), ELASTICSEARCH_URL: url };
  await using serving = await openElasticsearchServing(
    { settings, log, signal: new AbortController().signal, now: () => new Date() },
    tmpdir(),
  );
  await serving.upsert({ alias: ALIAS, item: Listing, origin: "demo", documents: chunks(documents) });
}

async function* chunks(documents: readonly StoredDocument[]): AsyncGenerator<readonly StoredDocument[]> {
  for (let at = 0; at < documents.length; at += CHUNK) yield await Promise.resolve(documents.slice(at, at + CHUNK));
}

/** With the settings and the mapping of our index. */
async function bareLoop(client: Client, documents: readonly StoredDocument[]): Promise<() => Promise<void>> {
  const found = (await client.indices.get({ index: INDEX }))[INDEX]!;
  const { number_of_shards, number_of_replicas, refresh_interval, analysis } = found.settings!.index!;
  await client.indices.create({
    index: BARE,
    settings: { index: { number_of_shards, number_of_replicas, refresh_interval, analysis } as object },
    mappings: found.mappings!,
  });
  return async () => {
    let at = 0;
    const stats = await client.helpers.bulk<string>({
      datasource: documents.map((each) => each.document), // text is passed on as it is, which is this loop at its fastest
      onDocument() {
        const { key, version } = documents[at++]!;
        return { index: { _index: BARE, _id: key, version: Date.parse(version), version_type: "external_gte" } };
      },
    });
    if (stats.failed > 0) throw new Error(`${stats.failed} documents failed`);
  };
}

async function measured(count: number, work: () => Promise<void>): Promise<Measured> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { documentsPerSecond: count / seconds, cpu: (user + system) / 1e6 };
}

async function check(client: Client, index: string, expected: number): Promise<void> {
  await client.indices.refresh({ index });
  const { count } = await client.count({ index });
  if (count !== expected) throw new Error(`${index} has ${count} documents, not ${expected}`);
}

function medianOf(all: readonly Measured[], what: keyof Measured): number {
  return median(all.slice(1).map((each) => each[what])); // the first was to warm up
}

function show({ documentsPerSecond, cpu }: Measured): string {
  return `${Math.round(documentsPerSecond).toLocaleString("en-US").padStart(7)} docs/s ${cpu.toFixed(1).padStart(5)} CPU s`;
}
