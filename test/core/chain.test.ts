import { z } from "zod";
import { expect, test } from "vitest";
import { applyTransforms, orderPipelines, type NamedPipeline } from "../../src/core/chain.ts";
import type { PipelineContext, Transform } from "../../src/core/pipeline.ts";
import { drop } from "../../src/core/pipeline.ts";
import { itemCheck } from "../../src/core/schema/check.ts";
import { defineItem } from "../../src/core/item.ts";

interface Flat {
  link: string;
  price: number;
}

const type = defineItem({ name: "flat", schema: z.object({ link: z.string(), price: z.int() }), key: ["link"] });
const wrong = itemCheck(type);
const context = {} as PipelineContext;
const step = (name: string, order: number, process: Transform<Flat>["process"]): NamedPipeline<Transform> => ({
  name,
  order,
  pipeline: { process },
});

test("transforms run in their order, each on what the one before left", async () => {
  const { transforms } = orderPipelines([
    step("double", 20, (items) => items.map((i) => ({ ...i, price: i.price * 2 }))),
    step("add", 10, (items) => items.map((i) => ({ ...i, price: i.price + 1 }))),
  ]);
  const { items } = await applyTransforms(transforms, wrong, [{ link: "a", price: 1 }], context);
  expect(items).toEqual([{ link: "a", price: 4 }]);
});

test("a dropped item keeps its reason, and what was handed to the step that dropped it", async () => {
  const transforms = [
    step("raise", 1, (items) => items.map((i) => ({ ...i, price: i.price + 1 }))),
    step("cheap", 2, (items) => items.map((i) => (i.price > 5 ? drop("too_dear", `it costs ${i.price}`) : i))),
  ];
  const result = await applyTransforms(
    transforms,
    wrong,
    [
      { link: "a", price: 1 },
      { link: "b", price: 9 },
    ],
    context,
  );
  expect(result.items).toEqual([{ link: "a", price: 2 }]);
  expect(result.dropped).toEqual([{ reason: "too_dear", detail: "it costs 10", item: { link: "b", price: 10 } }]);
});

test("a transform that throws on one item loses that one alone", async () => {
  const picky = step("picky", 1, (items) => {
    if (items.some((i) => i.link === "bad")) throw new Error("I cannot read this");
    return items;
  });
  const result = await applyTransforms(
    [picky],
    wrong,
    ["a", "bad", "c"].map((link) => ({ link, price: 1 })),
    context,
  );
  expect(result.items).toEqual([
    { link: "a", price: 1 },
    { link: "c", price: 1 },
  ]);
  expect(result.dropped).toMatchObject([{ reason: "picky_error", detail: "I cannot read this", item: { link: "bad" } }]);
});

test("a transform that gives back fewer results than it was given loses nothing silently", async () => {
  const eats = step("eats", 1, (items) => items.slice(1));
  const result = await applyTransforms(
    [eats],
    wrong,
    [
      { link: "a", price: 1 },
      { link: "b", price: 1 },
    ],
    context,
  );
  expect(result.items).toEqual([]);
  expect(result.dropped.map((d) => d.reason)).toEqual(["eats_error", "eats_error"]);
});

test("asynchronous transforms are waited for", async () => {
  const late = step("late", 1, async (items) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return items.map((i) => ({ ...i, price: 7 }));
  });
  expect((await applyTransforms([late], wrong, [{ link: "a", price: 1 }], context)).items).toEqual([{ link: "a", price: 7 }]);
});

test("a transform ordered after a delivery is refused", () => {
  const delivery = { name: "send", order: 5, pipeline: { deliver: () => Promise.resolve() } };
  expect(() => orderPipelines([step("late", 6, (items) => items), delivery])).toThrow(
    /late \(6\) changes items but comes after send \(5\)/,
  );
});
