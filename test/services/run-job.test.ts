import { existsSync, readlinkSync } from "node:fs";
import { describe, expect, inject, test } from "vitest";
import type { Job } from "arachne";
import { jobPlace, Thing, type JobPlace } from "../app/job-place.ts";
import { freshAlias, read } from "./elasticsearch-store.ts";
import { faultyProxy } from "./faulty-proxy.ts";

const url = inject("elasticsearchUrl");

/** Serves a table of one row, whose price is a run's number. */
const job = (alias: string, n: number): Job => ({
  async run({ engine, serving }) {
    const rows = engine.query(
      `SELECT 'l' AS link, 's' AS source, CAST(${n} AS BIGINT) AS price_vnd, TIMESTAMP '2026-11-20 00:00:00' AS crawled_at`,
    );
    await serving.buildTable({ alias, item: Thing, rows, expected: 1 });
    return { rowsIn: 1, rowsOut: 1, rejected: {}, duplicates: 0, tables: [] };
  },
});

describe.skipIf(url === undefined)("between the output's link and the store's names", () => {
  const run = (place: JobPlace, alias: string, n: number, url: string, signal = new AbortController().signal) =>
    place.run(job(alias, n), { set: [`ELASTICSEARCH_URL=${url}`, "ELASTICSEARCH_RETRY_SECONDS=1"], signal });

  test("a run that is stopped finishes what it has begun: both are its own", async () => {
    const [place, alias, stop] = [jobPlace(), freshAlias(url!), new AbortController()];
    await run(place, alias, 1, url!);
    const former = readlinkSync(place.output);
    const proxy = await faultyProxy(url!, ({ method, url: path }) => {
      if (method === "POST" && path?.startsWith("/_aliases") === true) stop.abort();
      return undefined;
    });
    expect(await run(place, alias, 2, proxy.url, stop.signal)).toMatchObject({ published: true });
    expect(stop.signal.aborted).toBe(true);
    expect(await read(url!, alias)).toMatchObject([{ price_vnd: 2 }]);
    expect(readlinkSync(place.output)).not.toBe(former);
    expect(place.record()).toMatchObject({ served: true });
  });

  test("a store that does not move its names leaves the output as it was, too", async () => {
    const [place, alias] = [jobPlace(), freshAlias(url!)];
    const proxy = await faultyProxy(url!, ({ method, url: path }) =>
      method === "POST" && path?.startsWith("/_aliases") === true ? { status: 400 } : undefined,
    );
    await expect(run(place, alias, 1, proxy.url)).rejects.toThrow();
    expect(existsSync(place.output)).toBe(false);
    await run(place, alias, 1, url!);
    const former = readlinkSync(place.output);
    await expect(run(place, alias, 2, proxy.url)).rejects.toThrow();
    expect(readlinkSync(place.output)).toBe(former);
    expect(await read(url!, alias)).toMatchObject([{ price_vnd: 1 }]);
  });
});
