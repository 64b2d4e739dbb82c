import { existsSync, statSync } from "node:fs";
import { copyFile, link, open, rm } from "node:fs/promises";
import { SettingsError } from "../core/errors.ts";
import type { Delivery, PipelineContext } from "../core/pipeline.ts";
import { writeWhole } from "../storage/atomic-file.ts";
import { hiddenBeside, openAppendOnce, type AppendOnce } from "./append-once.ts";
import { appendToList, endOfList } from "./json-list.ts";
import { formatOf } from "./format.ts";

export interface FeedOptions {
  /** Replaces what the file holds (`-O`) instead of adding to it (`-o`). */
  overwrite: boolean;
}

/**
 * All of a crawl's items in one file: `-o FILE`, `-O FILE`, in the format that its ending says. JSON lines and CSV grow
 * while the crawl runs; JSON and Parquet appear whole when it ends, or is stopped. A crawl that is resumed with the same file goes on
 * in it: each item stands once, whatever crashed in between.
 * @throws SettingsError for an ending that is no format, and where the file holds something that items cannot be added to
 */
export function feedDelivery(file: string, { overwrite }: FeedOptions): Delivery {
  const format = formatOf(file);
  const inLines = format === "jsonl" || format === "csv";
  return inLines ? growing(file, format, overwrite) : atTheEnd(file, format, overwrite);
}

const LIMITS = { items: 1000, ageSeconds: 2 };

function growing(file: string, format: "jsonl" | "csv", overwrite: boolean): Delivery {
  let target: AppendOnce;
  let text: (json: readonly string[]) => string;
  return {
    limits: () => LIMITS,
    async open(c) {
      refuseFolder(file);
      let head = "";
      text = (json) => `${json.join("\n")}\n`;
      if (format === "csv") {
        const { header, rows } = await import("./csv.ts");
        head = header(c.item);
        text = (json) => rows(c.item, json);
      }
      if (!overwrite) await prepareForMore(file, head);
      target = await openAppendOnce(file, { spider: c.spider, crawl: c.crawl.startedAt, keep: !overwrite, head });
    },
    async deliver(batch, c) {
      if (isOf(batch.crawl.startedAt, c)) await target.append(batch.to, text(batch.json));
    },
  };
}

/** Items are collected in a hidden file; what stood before is kept under a hidden name until the new file has replaced it. */
function atTheEnd(file: string, format: "json" | "parquet", overwrite: boolean): Delivery {
  const lines = hiddenBeside(file, "lines");
  const before = hiddenBeside(file, "before");
  let collected: AppendOnce;
  return {
    limits: () => LIMITS,
    async open(c) {
      refuseFolder(file);
      if (!overwrite && existsSync(file)) await refuseUnreadable(file, format);
      collected = await openAppendOnce(lines, { spider: c.spider, crawl: c.crawl.startedAt, keep: false });
      if (collected.state === "growing") return; // what stood before has been kept already
      await rm(before, { force: true });
      // Moved: an earlier run of this crawl put its items into the file, which is then kept even where it was to be replaced.
      if (existsSync(file) && (collected.state === "moved" || !overwrite)) await link(file, before).catch(() => copyFile(file, before)); // some file systems have no links
    },
    async deliver(batch, c) {
      if (isOf(batch.crawl.startedAt, c)) await collected.append(batch.to, `${batch.json.join("\n")}\n`);
    },
    async close(c) {
      const earlier = existsSync(before) ? before : undefined;
      if (format === "json") await writeWhole(file, appendToList(earlier, lines));
      else {
        const { linesToParquet } = await import("./parquet.ts");
        await writeWhole(file, (hidden) => linesToParquet(hidden, c.item, lines, earlier));
      }
      await collected.move();
      await rm(before, { force: true });
    },
  };
}

/** The outbox may still hold items of an earlier crawl that was given up. */
function isOf(startedAt: Date, c: PipelineContext): boolean {
  return startedAt.getTime() === c.crawl.startedAt.getTime();
}

function refuseFolder(file: string): void {
  if (existsSync(file) && statSync(file).isDirectory())
    throw new SettingsError("feed_mismatch", `feed: ${file} is a folder: name a file in it`);
}

async function refuseUnreadable(file: string, format: "json" | "parquet"): Promise<void> {
  if (format === "json") await endOfList(file);
  else await (await import("./parquet.ts")).refuseOtherFile(file);
}

/** Checks that a file's header is ours, and ends its last line, which other writers may leave open. */
async function prepareForMore(file: string, header: string): Promise<void> {
  if (!existsSync(file)) return;
  const handle = await open(file, "a+");
  try {
    const { size } = await handle.stat();
    if (size === 0) return;
    const found = (await handle.read(Buffer.alloc(header.length * 2), 0, header.length * 2, 0)).buffer.toString().replace(/^\ufeff/, "");
    if (found.split(/\r?\n/)[0] !== header.trimEnd() && header !== "")
      throw new SettingsError("feed_mismatch", `feed: ${file} has other columns than these items: -O replaces it, or name another file`);
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    if (buffer[0] !== 10) await handle.writeFile("\n");
  } finally {
    await handle.close();
  }
}
