import { expect, test } from "vitest";
import { DuckDBInstance } from "@duckdb/node-api";
import type { PipelineContext, Transform } from "arachne";
import bdsListings from "../../streams/bds_listings.ts";
import { seeded } from "../faults/kills.ts";

test("places are written as the batch's SQL writes them", async () => {
  const random = seeded(4);
  const values = Array.from({ length: 20_000 }, () => Number(((random() - 0.5) * 180).toFixed(5 + Math.floor(random() * 5))));
  values.push(0, -0.0000001, -0.0000005, 18.1737245, -1.2686935);
  const document = bdsListings.stages!["document"] as Transform;
  const listings = values.map((latitude) => ({ latitude, longitude: 1 }));
  const texts = (await document.process(listings, {} as PipelineContext)).map((d) => (d as { location: string }).location.split(",")[0]);

  const connection = await (await DuckDBInstance.create()).connect();
  const list = values.map((v) => `CAST('${v}' AS DOUBLE)`).join(",");
  const rows = await connection.runAndReadAll(`SELECT CAST(CAST(x AS DECIMAL(9, 6)) AS VARCHAR) FROM (SELECT unnest([${list}]) AS x)`);
  connection.closeSync();
  expect(texts).toEqual(rows.getRows().map(([text]) => text));
});
