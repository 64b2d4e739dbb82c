import { expect, it } from "vitest";
import { columnsOf, flatten, sqlType } from "../../../src/core/schema/columns.ts";
import { Listing } from "../../../domain/bds/listing.ts";
import { Everything } from "./mutations.ts";

it("reads a listing's columns from its schema, hints and all", () => {
  const columns = new Map(columnsOf(Listing).map((c) => [c.name, c]));
  expect([...columns.keys()].slice(0, 6)).toEqual(["link", "listing_id", "title", "transaction", "property_type", "price_vnd"]);
  expect(columns.get("price_vnd")).toMatchObject({ kind: "integer", nullable: true, description: "As quoted: see price_unit" });
  expect(columns.get("area_m2")).toMatchObject({ kind: "decimal", decimal: [12, 2], nullable: true });
  expect(columns.get("transaction")).toMatchObject({ kind: "text", values: ["sale", "rent"], nullable: true });
  expect(columns.get("title")).toMatchObject({ kind: "text", nullable: false, search: "vietnamese", values: undefined });
  expect(columns.get("raw")).toMatchObject({ kind: "struct", nullable: false });
  expect(columns.get("raw")!.fields.map((f) => f.name)).toEqual(["price", "area", "address", "posted"]);
});

it("spells each kind as DuckDB and Spark both read it", () => {
  const types = Object.fromEntries(columnsOf(Everything).map((c) => [c.name, `${c.kind} ${sqlType(c)}`]));
  expect(types).toMatchObject({
    id: "text STRING",
    day: "date DATE",
    at: "timestamp TIMESTAMP",
    whole: "integer BIGINT",
    ratio: "double DOUBLE",
    flag: "boolean BOOLEAN",
    mixed: "json STRING",
    list: "json STRING",
    map: "json STRING",
    inner: "struct STRING",
  });
  expect(sqlType(columnsOf(Listing).find((c) => c.name === "area_m2")!)).toBe("DECIMAL(12, 2)");
});

it("opens structs up, however deep", () => {
  expect(
    flatten(columnsOf(Everything))
      .map((c) => c.path.join("."))
      .slice(-5),
  ).toEqual(["inner.a", "inner.deep.b", "strict.a", "any", "preset"]);
});
