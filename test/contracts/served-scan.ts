import { expect, test } from "vitest";
import { z } from "zod";
import type { StoredDocument } from "../../src/core/engine.ts";
import { defineItem } from "../../src/core/item.ts";
import type { ServedDocument, ServedScan } from "../../src/core/served-scan.ts";
import type { Serving } from "../../src/core/serving.ts";

const Note = defineItem({ name: "note", schema: z.object({ key: z.string(), n: z.int(), text: z.string().nullable() }), key: ["key"] });

export interface ScanUnderTest {
  alias(): string;
  open(): Promise<Serving>;
  scan(alias: string, item: typeof Note): ServedScan;
}

/** What reading all documents of a serving store must do; both run it. */
export function servedScanContract(create: () => ScanUnderTest): void {
  const all = async (scan: ServedScan): Promise<ServedDocument[]> => {
    const found: ServedDocument[] = [];
    for await (const chunk of scan) found.push(...chunk);
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  };
  const write = async (store: ScanUnderTest, alias: string, documents: readonly StoredDocument[]): Promise<void> => {
    await using serving = await store.open();
    await serving.upsert({ alias, item: Note, origin: "real", documents: (async function* () { yield documents; })() }); // prettier-ignore
  };

  test("every document is read once, at once, whole: many pages of them, long keys too", async () => {
    const store = create();
    const alias = store.alias();
    const keys = [...Array.from({ length: 5_003 }, (_, n) => `https://x.vn/nhà?a=${n}#"`), `${"k".repeat(600)}1`, `${"k".repeat(600)}2`];
    const version = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n).toISOString();
    const documents = keys.map((key, n) => ({
      key,
      version: version(n),
      document: { key, n, text: n % 2 === 0 ? null : `\u0000 😀 ${n}` },
    }));
    await write(
      store,
      alias,
      documents.map(({ document, ...of }) => ({ ...of, document: JSON.stringify(document) })),
    );
    expect(await all(store.scan(alias, Note))).toEqual(documents.toSorted((a, b) => (a.key < b.key ? -1 : 1)));
  });

  test("what is written while it reads is not seen", async () => {
    const store = create();
    const alias = store.alias();
    const doc = (n: number): StoredDocument => ({
      key: `k${n}`,
      version: "2026-01-01T00:00:00.000Z",
      document: JSON.stringify({ key: `k${n}`, n, text: null }),
    });
    await write(store, alias, Array.from({ length: 4_500 }, (_, n) => doc(n))); // prettier-ignore
    let read = 0;
    for await (const chunk of store.scan(alias, Note)) {
      if (read === 0) await write(store, alias, Array.from({ length: 500 }, (_, n) => doc(4_500 + n))); // prettier-ignore
      read += chunk.length;
    }
    expect(read).toBe(4_500);
  });

  test("where nothing has the name, there is nothing, and nothing is made", async () => {
    const store = create();
    const alias = store.alias();
    expect(await all(store.scan(alias, Note))).toEqual([]);
    await using serving = await store.open();
    expect((await serving.names()).map((name) => name.alias)).not.toContain(alias);
  });
}
