import { z } from "zod";
import { describe, expect, it } from "vitest";
import { defineItem } from "arachne";
import { compileCheck, itemCheck, reasonOf } from "../../../src/core/schema/check.ts";
import { Everything, everything, listing, mutations, samples } from "./mutations.ts";
import { Listing } from "../../../domain/bds/listing.ts";

describe("the compiled check", () => {
  it.each(samples.map(([type, sample]) => [type.name, type, sample] as const))(
    "gives the verdict that zod gives, on thousands of changed rows: %s",
    (_name, type, sample) => {
      const check = compileCheck(type);
      let valid = 0;
      let invalid = 0;
      for (const row of mutations(sample, 4000)) {
        const zod = type.schema.safeParse(row);
        const failures = check(row);
        if ((failures === null) !== zod.success)
          expect({ row, failures }).toEqual({ row, failures: zod.success ? null : zod.error.issues });
        if (zod.success) valid++;
        else {
          invalid++;
          // Within a union zod reports the whole of it, as we do; otherwise the first field to fail is the same one.
          expect(failures![0]!.field.split(/[.[]/)[0], JSON.stringify(row)).toBe(String(zod.error.issues[0]!.path[0]));
        }
      }
      expect(valid).toBeGreaterThan(300);
      expect(invalid).toBeGreaterThan(1000);
    },
  );

  it("names every field that is wrong, with the rule and what was wanted", () => {
    const failures = compileCheck(Listing)({
      ...listing,
      title: "",
      price_vnd: -1,
      price_unit: "dollars",
      latitude: "21",
      raw: { ...listing.raw, price: 5 },
    })!;
    expect(failures.map(reasonOf)).toEqual([
      "title: minLength",
      "price_vnd: minimum",
      "price_unit: enum",
      "latitude: type",
      "raw.price: type",
    ]);
    expect(failures[2]!.message).toBe(
      'price_unit must be one of total, per_m2, per_month, per_m2_month, negotiable, unknown, is "dollars"',
    );
    expect(failures[3]!.message).toBe('latitude must be a number, is "21"');
  });

  it("tells a missing field from one of the wrong type", () => {
    const { source: _, ...without } = listing;
    expect(compileCheck(Listing)(without)!.map(reasonOf)).toEqual(["source: required"]);
    expect(compileCheck(Listing)({ ...listing, source: 5 })!.map(reasonOf)).toEqual(["source: type"]);
  });

  it("gives the chain the first failure, or null", () => {
    expect(itemCheck(Everything)(everything)).toBeNull();
    expect(itemCheck(Everything)({ ...everything, whole: 51 })).toEqual({
      reason: "whole: maximum",
      detail: "whole must be at most 50, is 51",
    });
  });

  it("refuses schemas that have no JSON form, naming the item", () => {
    const item = (schema: z.ZodType<object>) => () => compileCheck(defineItem<object>({ name: "odd", schema, key: [] }));
    expect(item(z.object({ at: z.date() }))).toThrow(/item odd: its schema has no JSON form/);
    expect(item(z.object({ pair: z.tuple([z.string(), z.number()]) }))).toThrow(/item odd: field pair needs JSON Schema's prefixItems/);
    expect(item(z.union([z.object({}), z.object({ a: z.string() })]))).toThrow(/item odd: its schema must be a z\.object/);
    expect(() => compileCheck({ name: "odd", schema: z.object({ a: z.string() }), key: ["b"] })).toThrow(
      /its key b is not one of its fields/,
    );
  });
});
