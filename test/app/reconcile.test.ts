import { describe, expect, test } from "vitest";
import { seeded, randomCrawls } from "../jobs/random-crawls.ts";
import { listings } from "../jobs/listings.ts";
import { oddListings, oddMessages, toMessage } from "./reconcile-input.ts";
import { reconcilePlace, type ReconcilePlace } from "./reconcile-place.ts";

const NOW = new Date("2029-01-01T00:00:00Z");
const NONE = { changed: 0, missing: 0, extra: 0 };

function shuffled<T>(items: readonly T[], random: (below: number) => number): T[] {
  return items.map((item) => ({ item, at: random(1e9) })).sort((a, b) => a.at - b.at).map(({ item }) => item); // prettier-ignore
}

/** No difference, in documents and in statistics; the number of documents that await the batch. */
async function agreed(p: ReconcilePlace, published = false): Promise<number> {
  const { counts, found, statistics, differences, batchDocuments, servedDocuments } = await p.reconcile({ published });
  expect(found).toEqual([]);
  expect(statistics.flatMap((s) => s.differences)).toEqual([]);
  expect(counts).toMatchObject({ ...NONE, equal: servedDocuments - counts.awaiting });
  expect({ differences, batchDocuments }).toEqual({ differences: 0, batchDocuments: servedDocuments });
  expect(statistics.map((s) => [s.name, s.batchRows > 20, s.servedRows])).toEqual(statistics.map((s) => [s.name, true, s.batchRows]));
  return counts.awaiting;
}

describe("both layers make the same documents of the same crawls, in whatever order they come", () => {
  test.each([
    [1, "json"],
    [2, "parquet"],
  ] as const)("batch files (seed %i, %s)", async (seed, format) => {
    const random = seeded(seed);
    const p = reconcilePlace(NOW, [`BATCH_FILE_FORMAT=${format}`]);
    const odd = oddListings().map((row) => ({ ...row, link: row.link.replace("bds.demo", "a.example"), source: "a.example" }));
    const rows = [...randomCrawls(random).rows, ...odd];
    const [first, later] = [rows.slice(0, rows.length >> 1), rows.slice(rows.length >> 1)];
    await p.push(shuffled(first, random).map(toMessage));
    const dead = (run: Awaited<ReturnType<typeof p.stream>>): number => run.lanes[0]!.ledger.dead["title: minLength"] ?? 0;
    let set = dead(await p.stream());
    await p.push(shuffled(later, random).map(toMessage));
    await p.batch.feed(shuffled(rows, random), { size: 70, format, origin: "a.example" });
    set += dead(await p.stream());
    expect(set).toBe(rows.filter((row) => row.title === "").length);
    expect(await agreed(p)).toBeGreaterThan(0);

    await p.publish();
    expect(await agreed(p)).toBe(0);
    // What comes a second time, as after a crash, must not undo what only the batch can tell.
    await p.push(shuffled(rows, random).map(toMessage));
    await p.stream();
    expect(await agreed(p, true)).toBe(0);
    // A crawl since then: some are back, others gone.
    const again = randomCrawls(seeded(seed)).valid.slice(0, 40).map((row) => ({ ...row, crawled_at: "2028-06-01T00:00:00.000Z" })); // prettier-ignore
    await p.push(again.map(toMessage));
    await p.batch.feed(again, { format, origin: "a.example" });
    await p.stream();
    await agreed(p);
  });

  test("a topic that others write to, too: what the one rejects the other sets aside, for the same reason", async () => {
    const random = seeded(3);
    const p = reconcilePlace(NOW, ["SOURCE_TYPE=kafka_replay"]);
    const odd = oddMessages(NOW);
    await p.push(shuffled([...oddListings().map(toMessage), ...odd.map(({ message }) => message)], random));
    const { ledger } = (await p.stream()).lanes[0]!;
    const reasons = Object.fromEntries(odd.flatMap(({ rejected }) => (rejected === undefined ? [] : [[rejected, 1]])));
    expect(ledger.dead).toEqual(reasons);
    expect((await p.reconcile()).built!.rejected).toEqual(reasons);
    await agreed(p);
  });
});

test("every difference is found and told by key, field and both values", async () => {
  const p = reconcilePlace(NOW);
  const rows = listings(60);
  const [a, b, c, d, e, f] = rows.map((row) => row.link);
  await p.push(rows.map(toMessage));
  await p.batch.feed(rows);
  await p.stream();
  expect(await agreed(p)).toBe(0);

  const set = (link: string, change: string): void =>
    p.tamper(`UPDATE "batdongsan@documents" SET document = ${change} WHERE key = ?`, link);
  set(a!, "json_set(document, '$.price_vnd', 12345)");
  set(b!, "json_set(document, '$.raw.price', 'khác')");
  set(c!, "json_remove(document, '$.bedrooms')");
  set(d!, "json_set(document, '$.price_vnd', CAST(json_extract(document, '$.price_vnd') AS TEXT))");
  set(e!, "json_set(document, '$.gone_at', '2026-12-24T00:00:00.000Z')");
  p.tamper(`UPDATE "batdongsan@documents" SET version = '2027-01-01T00:00:00.000Z' WHERE key = ?`, f!);
  p.tamper(`DELETE FROM "batdongsan@documents" WHERE key = ?`, rows[6]!.link);
  p.tamper(`INSERT INTO "batdongsan@documents" SELECT 'https://x.example/1', version, json_set(document, '$.link', 'https://x.example/1') FROM "batdongsan@documents" WHERE key = ?`, rows[7]!.link); // prettier-ignore
  p.tamper(`UPDATE "batdongsan@documents" SET document = 'no JSON' WHERE key = ?`, rows[8]!.link);
  // Another order of the same fields is no difference.
  set(rows[9]!.link, "json_set(json_remove(document, '$.title'), '$.title', json_extract(document, '$.title'))");

  const { found, counts, statistics, differences, deadLetters } = await p.reconcile();
  const byKey = new Map(found.map((difference) => [difference.key, difference]));
  const changed = (n: number, fields: object) => expect(byKey.get(rows[n]!.link)).toEqual({ kind: "changed", key: rows[n]!.link, fields });
  changed(0, { price_vnd: { batch: rows[0]!.price_vnd, served: 12345 } });
  changed(1, { "raw.price": { batch: "1,2 tỷ", served: "khác" } });
  changed(2, { bedrooms: { batch: rows[2]!.bedrooms, served: undefined } });
  changed(3, { price_vnd: { batch: rows[3]!.price_vnd, served: String(rows[3]!.price_vnd) } });
  changed(4, { gone_at: { batch: null, served: "2026-12-24T00:00:00.000Z" } });
  changed(5, { "(version)": { batch: rows[5]!.crawled_at, served: "2027-01-01T00:00:00.000Z" } });
  expect(byKey.get(rows[6]!.link)).toMatchObject({ kind: "missing", fields: { title: { batch: rows[6]!.title, served: undefined } } });
  expect(byKey.get("https://x.example/1")).toMatchObject({
    kind: "extra",
    fields: { title: { batch: undefined, served: rows[7]!.title } },
  });
  expect(byKey.get(rows[8]!.link)).toMatchObject({ kind: "changed", fields: { "": { served: "no JSON" } } });
  expect(counts).toEqual({ equal: 52, changed: 7, missing: 1, extra: 1, awaiting: 0 });
  expect(found.map((difference) => difference.key)).toEqual(found.map((difference) => difference.key).sort());
  expect(deadLetters).toBe(0);
  const places = statistics.flatMap((s) => s.differences);
  expect(differences).toBe(9 + places.length);
  expect(places.filter(({ kind, fields }) => kind === "changed" && "listings" in fields).length).toBeGreaterThan(0);
});

test("what the batch alone can tell awaits its next run, and is a difference once that should have told it", async () => {
  const p = reconcilePlace(NOW);
  const rows = listings(30, (n) => (n < 5 ? { crawled_at: "2026-01-01T00:00:00.000Z" } : {}));
  await p.push(rows.map(toMessage));
  await p.batch.feed(rows);
  await p.stream();
  expect(await agreed(p)).toBe(5);
  await p.publish();
  expect(await agreed(p)).toBe(0);
  p.tamper(`UPDATE "batdongsan@documents" SET document = json_set(document, '$.gone_at', NULL) WHERE key = ?`, rows[0]!.link);
  const { found, counts } = await p.reconcile();
  expect(found).toEqual([
    { kind: "changed", key: rows[0]!.link, fields: { gone_at: { batch: "2026-01-31T00:00:00.000Z", served: null } } },
  ]);
  expect(counts).toMatchObject({ changed: 1, awaiting: 0 });
});
