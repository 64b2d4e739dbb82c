import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readOutput, runCrawl } from "./crawl-run.ts";
import { serveSite, type Site } from "./site.ts";

async function setUp(indexes: number): Promise<{ dir: string; site: Site; expected: string[] }> {
  const dir = mkdtempSync(join(tmpdir(), "arachne-stops-"));
  const site = await serveSite(indexes);
  onTestFinished(async () => {
    await site.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const details = Array.from({ length: site.details }, (_, n) => n).filter((n) => n % 7 !== 0);
  return { dir, site, expected: details.map((n) => new URL(`/detail/${n}`, site.start).href).toSorted() };
}

/** A file system of its own that can be filled; undefined where this process may not mount one. */
function smallDisk(dir: string, size: string): boolean {
  mkdirSync(dir, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", dir], { stdio: "ignore" });
  } catch {
    return false;
  }
  onTestFinished(() => void execFileSync("umount", ["-l", dir]));
  return true;
}

test("a full disk stops the crawl with a clear line and nothing half-written; with space again the next run ends it", async ({ skip }) => {
  const { dir, site, expected } = await setUp(20);
  const batch = join(dir, "batch");
  if (!smallDisk(batch, "96k")) skip("this process may not mount a tmpfs");
  const ballast = join(batch, "ballast");
  writeFileSync(ballast, Buffer.alloc(64 * 1024));

  const full = await runCrawl({ dir, start: site.start });
  expect(full.code).toBe(1);
  expect(full.stderr).toMatch(/cannot write .*batch.*(disk is full|check free space)/);
  expect((await readOutput(dir)).broken).toEqual([]);

  rmSync(ballast);
  execFileSync("mount", ["-o", "remount,size=8m", batch]);
  const { code, ledger } = await runCrawl({ dir, start: site.start });
  expect(code).toBe(0);
  expect(ledger).toMatchObject({ state: "finished", parsed: site.pages, remainder: [] });
  expect((await readOutput(dir)).batch.toSorted()).toEqual(expected);
  expect(readdirSync(batch).filter((name) => name.startsWith(".") && name !== ".manifest")).toEqual([]);
});

test("a full disk under the journal loses nothing either", async ({ skip }) => {
  const { dir, site, expected } = await setUp(20);
  const state = join(dir, "state");
  if (!smallDisk(state, "400k")) skip("this process may not mount a tmpfs");
  const full = await runCrawl({ dir, start: site.start });
  expect(full.code).toBe(1);
  expect(full.stderr).toMatch(/journal: cannot write .*: check free space|storage: cannot/);
  expect(full.stderr.trim().split("\n")).toHaveLength(1);
  execFileSync("mount", ["-o", "remount,size=64m", state]);
  const { code, ledger } = await runCrawl({ dir, start: site.start });
  expect(code).toBe(0);
  expect(ledger).toMatchObject({ state: "finished", parsed: site.pages, remainder: [] });
  expect((await readOutput(dir)).batch.toSorted()).toEqual(expected);
});

test("a process that is frozen and thawed again goes on as if nothing had been", async () => {
  const { dir, site, expected } = await setUp(20);
  const { code, ledger } = await runCrawl({
    dir,
    start: site.start,
    onSpawn(child) {
      const freeze = setInterval(() => {
        if (site.totalHits() < 50) return;
        clearInterval(freeze);
        child.kill("SIGSTOP");
        setTimeout(() => child.kill("SIGCONT"), 3000);
      }, 5);
      onTestFinished(() => clearInterval(freeze));
    },
  });
  expect(code).toBe(0);
  expect(ledger).toMatchObject({ state: "finished", parsed: site.pages, remainder: [] });
  expect((await readOutput(dir)).batch.toSorted()).toEqual(expected);
});
