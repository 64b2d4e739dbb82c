import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ItemType } from "../core/item.ts";
import type { OutboxBatch } from "../core/pipeline.ts";
import { columnsOf } from "../core/schema/columns.ts";
import { removeUnfinished, writeWhole } from "../storage/atomic-file.ts";
import { feedFormat, FORMATS, type FormatName } from "./format.ts";

/** What is known of a batch file, beside it in `.manifest/`, where no glob for data files looks. */
export interface Manifest {
  file: string;
  format: FormatName;
  spider: string;
  item: string;
  /** A fingerprint of the item's columns: files of one fingerprint have the same columns. */
  schema: string;
  /** Where its crawl began: `demo` or a host. */
  origin: string;
  crawl: number;
  startedAt: string;
  from: number;
  to: number;
  count: number;
  bytes: number;
  sha256: string;
}

export const MANIFEST_DIR = ".manifest";

export interface BatchFiles {
  /** Writes the batch; the same batch again rewrites the same file with the same bytes. Resolves with its path. */
  write(batch: OutboxBatch): Promise<string>;
}

export interface BatchFileOptions {
  dir: string;
  spider: string;
  item: ItemType;
  format: FormatName;
}

/**
 * The crash-safe batch writer. A file's name is its crawl's start and its range in the outbox, so it says what it holds,
 * never repeats, and a batch that is delivered twice is one file.
 */
export async function openBatchFiles({ dir, spider, item, format }: BatchFileOptions): Promise<BatchFiles> {
  const feed = await feedFormat(format);
  const manifests = join(dir, MANIFEST_DIR);
  const schema = createHash("sha256").update(JSON.stringify(columnsOf(item))).digest("hex").slice(0, 16); // prettier-ignore
  await removeUnfinished(dir, `${spider}_`);
  await removeUnfinished(manifests, `${spider}_`);
  let first = true;

  /** The first batch may be one that an earlier run wrote but did not confirm, in the format that was set then: it must not stand twice. */
  async function removeOtherFormats(name: string): Promise<void> {
    for (const other of FORMATS.filter((f) => f !== format)) {
      await rm(join(dir, `${name}.${other}`), { force: true });
      await rm(join(manifests, `${name}.${other}.json`), { force: true });
    }
  }

  return {
    async write(batch) {
      const startedAt = batch.crawl.startedAt.toISOString();
      const name = `${spider}_${compact(startedAt)}_${digits(batch.from)}-${digits(batch.to)}`;
      const file = `${name}.${feed.extension}`;
      const path = join(dir, file);
      const hash = createHash("sha256");
      let size = 0;
      const count = (bytes: Uint8Array): Uint8Array => {
        hash.update(bytes);
        size += bytes.length;
        return bytes;
      };
      /** Before the file itself: whoever sees that knows what it is, also when a crash comes in between. Then the same batch comes again. */
      async function writeManifest(): Promise<void> {
        const manifest: Manifest = {
          file,
          format,
          spider,
          item: item.name,
          schema,
          origin: batch.origin,
          crawl: batch.crawl.id,
          startedAt,
          from: batch.from,
          to: batch.to,
          count: batch.length,
          bytes: size,
          sha256: hash.digest("hex"),
        };
        await writeWhole(join(manifests, `${file}.json`), `${JSON.stringify(manifest)}\n`, { faults: "batch" });
      }
      async function* content(): AsyncGenerator<Uint8Array> {
        for (const text of feed.content!(item, batch.json)) yield count(Buffer.from(text));
        await writeManifest();
      }
      async function writeFile(hidden: string): Promise<void> {
        await feed.write!(hidden, item, batch.json);
        count(await readFile(hidden));
        await writeManifest();
      }
      await writeWhole(path, feed.content === undefined ? writeFile : content(), { faults: "batch" });
      if (first) await removeOtherFormats(name);
      first = false;
      return path;
    },
  };
}

/** 2026-11-21T05:20:41.753Z as 20261121T052041753Z: it sorts, and file names have no colons on Windows. */
function compact(iso: string): string {
  return iso.replace(/[-:.]/g, "");
}

function digits(n: number): string {
  return String(n).padStart(9, "0");
}
