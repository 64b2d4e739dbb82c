import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { OutboxBatch } from "../core/pipeline.ts";
import type { ItemType } from "../core/item.ts";
import { removeUnfinished, writeWhole } from "../storage/atomic-file.ts";
import { feedFormat, type FormatName } from "./format.ts";

/** What is known of a batch file, beside it in `.manifest/`, where no glob for data files looks. */
export interface Manifest {
  file: string;
  format: FormatName;
  spider: string;
  item: string;
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
  removeUnfinished(dir, `${spider}_`);
  removeUnfinished(join(dir, MANIFEST_DIR), `${spider}_`);
  return {
    async write(batch) {
      const startedAt = batch.crawl.startedAt.toISOString();
      const file = `${spider}_${compact(startedAt)}_${digits(batch.from)}-${digits(batch.to)}.${feed.extension}`;
      const path = join(dir, file);
      const chunks = feed.content?.(item, batch.json);
      const text = chunks === undefined ? undefined : [...chunks].join("");
      await writeWhole(path, text === undefined ? (hidden) => feed.write!(hidden, item, batch.json) : [text]);
      const bytes = text === undefined ? readFileSync(path) : Buffer.from(text);
      const manifest: Manifest = {
        file,
        format,
        spider,
        item: item.name,
        origin: batch.origin,
        crawl: batch.crawl.id,
        startedAt,
        from: batch.from,
        to: batch.to,
        count: batch.length,
        bytes: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      };
      // After the file: a crash in between leaves a file without its manifest, and the same batch comes again.
      await writeWhole(join(dir, MANIFEST_DIR, `${file}.json`), [`${JSON.stringify(manifest)}\n`]);
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
