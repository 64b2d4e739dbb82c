import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SettingsError, type Delivery, type PipelineContext } from "arachne";
import { settingsSchema } from "../../src/core/settings-schema.ts";
import { FORMATS } from "../../src/feeds/format.ts";
import { feedDelivery } from "../../src/feeds/one-file.ts";
import { readRows } from "../../src/feeds/read.ts";
import { Listing } from "../../domain/bds/listing.ts";
import { batchOf, STARTED, tempDir } from "./batches.ts";

const LATER = new Date("2026-11-22T00:00:00.000Z");

function contextOf(startedAt: Date): PipelineContext {
  const quiet = (): void => undefined;
  return {
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    signal: new AbortController().signal,
    now: () => startedAt,
    settings: settingsSchema.parse({}) as PipelineContext["settings"],
    spider: "bds_spider",
    item: Listing,
    crawl: { id: 3, startedAt },
    origin: "demo",
  };
}

/** One run: these batches, and unless it "crashes" the close. */
async function run(
  delivery: Delivery,
  ranges: readonly (readonly [number, number])[],
  { startedAt = STARTED, crash = false } = {},
): Promise<void> {
  const c = contextOf(startedAt);
  await delivery.open!(c);
  for (const [from, to] of ranges) await delivery.deliver(batchOf(from, to, undefined, startedAt), c);
  if (!crash) await delivery.close?.(c);
}

async function numbers(file: string): Promise<number[]> {
  const found: number[] = [];
  for await (const rows of readRows(file)) found.push(...rows.map((row) => Number(/\d+$/.exec(String(row["link"]))![0])));
  return found;
}

const visible = (dir: string) => readdirSync(dir).filter((name) => !name.startsWith("."));

describe.each(FORMATS)("a feed of one %s file", (format) => {
  const setUp = () => {
    const dir = tempDir();
    const file = join(dir, "out", `items.${format}`);
    return {
      dir: join(dir, "out"),
      file,
      add: () => feedDelivery(file, { overwrite: false }),
      replace: () => feedDelivery(file, { overwrite: true }),
    };
  };

  it("holds a crawl's items in order", async () => {
    const { dir, file, add } = setUp();
    await run(add(), [[1, 3], [4, 4], [5, 6]]); // prettier-ignore
    expect(await numbers(file)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(visible(dir)).toEqual([`items.${format}`]);
  });

  it("is there, and readable, when there were no items", async () => {
    const { file, add } = setUp();
    await run(add(), []);
    expect(await numbers(file)).toEqual([]);
    await run(add(), [[1, 1]]);
    expect(await numbers(file)).toEqual([1]);
  });

  it("gets the next crawl's items behind (-o) or in place of the last one's (-O)", async () => {
    const { file, add, replace } = setUp();
    await run(add(), [[1, 2]]);
    await run(add(), [[3, 4]], { startedAt: LATER });
    expect(await numbers(file)).toEqual([1, 2, 3, 4]);
    await run(replace(), [[5, 6]], { startedAt: new Date("2026-11-23") });
    expect(await numbers(file)).toEqual([5, 6]);
  });

  it.each(["-o", "-O"])("goes on in it when a crawl that was stopped is resumed (%s)", async (flag) => {
    const { file, add, replace } = setUp();
    const make = flag === "-o" ? add : replace;
    await run(make(), [[1, 2]]);
    await run(make(), [[3, 4]]);
    await run(make(), [[5, 5]]);
    expect(await numbers(file)).toEqual([1, 2, 3, 4, 5]);
  });

  it.each(["-o", "-O"])("has each item once after crashes, although batches come again (%s)", async (flag) => {
    const { file, add, replace } = setUp();
    await run(add(), [[1, 2]]);
    const make = flag === "-o" ? add : replace;
    const startedAt = LATER;
    await run(make(), [[3, 4], [5, 6]], { startedAt, crash: true }); // prettier-ignore
    const growing = format === "json" || format === "parquet" ? join(file, "..", `.items.${format}.lines`) : file;
    appendFileSync(growing, '{"half a li'); // a batch that was being written when the power failed
    await run(make(), [[5, 6], [7, 7]], { startedAt, crash: true }); // prettier-ignore
    await run(make(), [[7, 7], [8, 8]], { startedAt }); // prettier-ignore
    expect(await numbers(file)).toEqual(flag === "-o" ? [1, 2, 3, 4, 5, 6, 7, 8] : [3, 4, 5, 6, 7, 8]);
  });

  it("leaves out what an earlier crawl had still to deliver", async () => {
    const { file, add } = setUp();
    const delivery = add();
    const c = contextOf(LATER);
    await delivery.open!(c);
    await delivery.deliver(batchOf(1, 2), c);
    await delivery.deliver(batchOf(3, 4, undefined, LATER), c);
    await delivery.close?.(c);
    expect(await numbers(file)).toEqual([3, 4]);
  });

  it("refuses a folder before anything is crawled", async () => {
    const { file, add } = setUp();
    mkdirSync(file, { recursive: true });
    await expect(run(add(), [])).rejects.toThrow(/is a folder: name a file in it/);
  });
});

describe("a feed that appears at the end", () => {
  it.each(["json", "parquet"])("leaves the %s file that stood there until then", async (format) => {
    const file = join(tempDir(), `items.${format}`);
    await run(feedDelivery(file, { overwrite: false }), [[1, 2]]);
    const before = readFileSync(file);
    await run(feedDelivery(file, { overwrite: true }), [[3, 4]], { startedAt: LATER, crash: true });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("adds to a list that someone else wrote", async () => {
    const file = join(tempDir(), "items.json");
    writeFileSync(file, '\ufeff [{"link":"x/8"}, {"link":"x/9"}\r\n]\r\n\r\n');
    await run(feedDelivery(file, { overwrite: false }), [[1, 2]]);
    expect(await numbers(file)).toEqual([8, 9, 1, 2]);
    writeFileSync(file, "[ ]");
    await run(feedDelivery(file, { overwrite: false }), [[1, 2]], { startedAt: LATER });
    expect(await numbers(file)).toEqual([1, 2]);
    expect(JSON.parse(readFileSync(file, "utf8"))).toHaveLength(2);
  });

  it.each([
    ["items.json", '{"a":1}', /is no JSON list, so nothing can be added to it: -O replaces it/],
    ["items.parquet", "PAR1", /is no Parquet file, so nothing can be added to it/],
    ["items.csv", "other,columns\n1,2\n", /has other columns than these items: -O replaces it/],
  ])("refuses to add to a file that it could only spoil: %s", async (name, content, message) => {
    const file = join(tempDir(), name);
    writeFileSync(file, content);
    await expect(run(feedDelivery(file, { overwrite: false }), [])).rejects.toThrow(message);
    expect(readFileSync(file, "utf8")).toBe(content);
    await run(feedDelivery(file, { overwrite: true }), [[1, 1]]);
    expect(await numbers(file)).toEqual([1]);
  });
});

it("ends the last line of a file that someone else wrote before adding to it", async () => {
  const file = join(tempDir(), "items.jsonl");
  writeFileSync(file, '{"link":"x/9"}');
  await run(feedDelivery(file, { overwrite: false }), [[1, 1]]);
  expect(await numbers(file)).toEqual([9, 1]);
});

it("refuses an ending that is no format at once", () => {
  expect(() => feedDelivery("items.xml", { overwrite: false })).toThrow(SettingsError);
  expect(existsSync("items.xml")).toBe(false);
});
