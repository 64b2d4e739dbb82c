import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { startElasticsearch } from "../../scripts/services/elasticsearch.ts";
import type { Service } from "../../scripts/services/process.ts";
import type { StoredDocument } from "../../src/core/engine.ts";
import { defineItem } from "../../src/core/item.ts";
import { call, read, storeAt } from "./elasticsearch-store.ts";

const Note = defineItem({ name: "note", schema: z.object({ key: z.string(), n: z.int(), text: z.string() }), key: ["key"] });
const COUNT = 20_000;
const row = (n: number) => ({ key: `k${n}`, n, text: "nhà đẹp ".repeat(60) });

describe.skipIf(inject("elasticsearchUrl") === undefined)("a server of its own that is killed in mid bulk", () => {
  const dir = mkdtempSync(join(tmpdir(), "arachne-elasticsearch-dies-"));
  let server: Service;
  const start = async (): Promise<void> => {
    server = await startElasticsearch({ dir, heap: "512m", quick: true });
  };
  beforeAll(start);
  afterAll(async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const rowsFrom = (from: number) => Array.from({ length: 1_000 }, (_, i) => row(from + i));
  /** Rows that wait for something when half of them have been handed over. */
  async function* rows(halfway: () => Promise<unknown>): AsyncGenerator<ReturnType<typeof row>[]> {
    for (let from = 0; from < COUNT; from += 1_000) {
      if (from === COUNT / 2) await halfway();
      yield rowsFrom(from);
    }
  }
  async function* documents(halfway: () => Promise<unknown>): AsyncGenerator<StoredDocument[]> {
    for await (const chunk of rows(halfway))
      yield chunk.map((each) => ({ key: each.key, version: "2026-11-21T00:00:00.000Z", document: JSON.stringify(each) }));
  }
  const countOf = async (alias: string): Promise<unknown> => {
    await call(server.url, "POST", `/${alias}/_refresh`);
    return (await call(server.url, "GET", `/${alias}/_count`))["count"];
  };
  async function* two(): AsyncGenerator<ReturnType<typeof row>[]> {
    yield await Promise.resolve([row(0), row(1)]);
  }
  const notHeld = (): Promise<void> => Promise.resolve();

  test("a run that waits long enough goes on when it is back; one that does not ends with a clear line, nothing of it is seen, and the next mends it", async () => {
    const store = storeAt(server.url);
    const table = (all: AsyncIterable<ReturnType<typeof row>[]>, expected: number) => ({ alias: "stats", item: Note, rows: all, expected });
    {
      await using serving = await store.open();
      await serving.buildTable(table(two(), 2));
      await serving.publish();
    }

    // Both are in the middle of their bulks when the server dies.
    let arrived = 0;
    let bothArrived = (): void => undefined;
    const both = new Promise<void>((resolve) => (bothArrived = resolve));
    const killed = both.then(() => server.kill());
    const halfway = (): Promise<void> => {
      if (++arrived === 2) bothArrived();
      return killed;
    };
    await using patient = await store.open({ ELASTICSEARCH_RETRY_SECONDS: 250 });
    const writing = patient.upsert({ alias: "notes", item: Note, origin: "real", documents: documents(halfway) });
    {
      await using hasty = await store.open({ ELASTICSEARCH_RETRY_SECONDS: 3 });
      await expect(hasty.buildTable(table(rows(halfway), COUNT))).rejects.toMatchObject({ code: "elasticsearch_unavailable", exitCode: 1 });
    }
    await killed;
    await start();
    expect(await read(server.url, "stats")).toEqual([row(0), row(1)]);
    expect(await writing).toEqual({ written: COUNT, kept: 0 });
    expect(await countOf("notes")).toBe(COUNT);

    await using serving = await store.open({}, { acceptChange: true });
    await serving.buildTable(table(rows(notHeld), COUNT));
    await serving.publish();
    expect(await countOf("stats")).toBe(COUNT);
    // The current one, the one to go back to, and what the hasty run left: others keep off it while its process, this one, lives.
    expect(Object.keys(await call(server.url, "GET", "/stats-*/_alias?expand_wildcards=all"))).toHaveLength(3);
  }, 300_000);
});
