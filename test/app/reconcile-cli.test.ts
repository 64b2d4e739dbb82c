import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { announceProcess } from "../../src/app/process-state.ts";
import type { Logger } from "../../src/core/context.ts";
import { start } from "../cli/project.ts";
import { listings } from "../jobs/listings.ts";
import { toMessage } from "./reconcile-input.ts";
import { reconcilePlace } from "./reconcile-place.ts";

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const ROOT = resolve(import.meta.dirname, "../..");

test("arachne reconcile says what differs, by its exit code, too", { timeout: 180_000 }, async () => {
  const p = reconcilePlace(new Date());
  const set = p.batch.settings.flatMap((setting) => ["-s", setting]);
  const run = (...args: string[]) => start(ROOT, ["reconcile", ...args, ...set]).ended;
  const rows = listings(40);
  await p.push(rows.slice(1).map(toMessage));
  await p.batch.feed(rows);
  await p.stream();
  await p.push([toMessage(rows[0]!)]);

  const crawl = announceProcess({ settings: p.settings, kind: "crawl", name: "bds_spider", log: SILENT, now: () => new Date() });
  onTestFinished(() => crawl.close());
  const output = join(p.batch.dir, "differences.jsonl");
  // What the stream has yet to read is no difference of the layers, and said.
  const [behind, unknown, wrong] = await Promise.all([
    run("bds", "--wait", "0", "--output", output),
    run("bsd"),
    run("bds", "--wait", "soon"),
  ]);
  expect(behind.code).toBe(1);
  expect(behind.stdout).toMatch(/missing \(not served\) +1\n/);
  expect(behind.stdout).toContain(`missing  ${rows[0]!.link}\n  link: batch "${rows[0]!.link}"`);
  expect(behind.stdout).toContain("1 messages are still to be read: run the stream");
  expect(behind.stdout).toContain("bds_spider is crawling: what it finds");
  expect(behind.stdout.split("\n").filter((line) => Array.from(line).length > 100)).toEqual([]);
  expect(JSON.parse(readFileSync(output, "utf8").trim())).toMatchObject({ kind: "missing", key: rows[0]!.link });
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/reconciliation "bsd" is not known.*bds/) });
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("whole number") });

  // The stream comes to it while reconcile waits.
  const waiting = run("bds", "--wait", "60", "--json");
  await p.stream();
  const { code, stdout, stderr } = await waiting;
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    name: "bds",
    differences: [],
    differing: 0,
    counts: { equal: 40, changed: 0, missing: 0, extra: 0 },
    stream: { topic: "batdongsan", lag: 0 },
  });

  p.tamper(`UPDATE "batdongsan@documents" SET document = json_set(document, '$.title', 'Khác \u001b[31m') WHERE key <> ?`, rows[0]!.link);
  const [json, text] = [await run("--json"), await run("bds", "--limit", "2")];
  expect(json.code).toBe(1);
  const told = JSON.parse(json.stdout) as { differences: { key: string; fields: object }[]; differing: number };
  expect(told.differing).toBe(39);
  expect(told.differences.map((d) => d.key)).toEqual(rows.slice(1).map((row) => row.link).sort()); // prettier-ignore
  expect(text.code).toBe(1);
  expect(text.stdout.match(/^changed {2}http/gm)).toHaveLength(2);
  expect(text.stdout).toContain("… the first 2 of 39");
  expect(text.stdout).not.toContain("\u001b[31m");
});

test("without anything published, --published says what to do", async () => {
  const p = reconcilePlace(new Date());
  await expect(p.reconcile({ published: true })).rejects.toMatchObject({ code: "nothing_published", exitCode: 1 });
});
