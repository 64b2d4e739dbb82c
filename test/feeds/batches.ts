import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { OutboxBatch } from "arachne";
import { listing } from "../core/schema/mutations.ts";

export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "arachne-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export const STARTED = new Date("2026-11-21T05:20:41.753Z");

export interface Listed {
  link: string;
  title: string;
  [field: string]: unknown;
}

export function listings(from: number, to: number, change: (n: number) => object = () => ({})): Listed[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ ...listing, link: `https://example.com/${from + i}`, ...change(from + i) }));
}

export function batchOf(from: number, to: number, items: readonly object[] = listings(from, to), startedAt = STARTED): OutboxBatch {
  return {
    from,
    to,
    crawl: { id: 3, startedAt },
    origin: "demo",
    length: items.length,
    items,
    json: items.map((item) => JSON.stringify(item)),
    keys: items.map((item) => (item as Listed).link),
  };
}
