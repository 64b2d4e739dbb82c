import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { followLog } from "../../src/app/log-follow.ts";
import { lastLines } from "../../src/app/log-tail.ts";
import { openLog, type LogWriterOptions } from "../../src/app/log-writer.ts";
import { wholeLines } from "../../src/app/supervise-lines.ts";

function place(): { dir: string; path: string } {
  const dir = mkdtempSync(join(tmpdir(), "arachne-log-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return { dir, path: join(dir, "p.log") };
}

function open(path: string, options: Partial<LogWriterOptions> = {}): { write(lines: string): void; troubles: unknown[] } {
  const troubles: unknown[] = [];
  const log = openLog(path, {
    maxBytes: 100,
    files: 3,
    dated: false,
    now: () => new Date(),
    onTrouble: (error) => void troubles.push(error),
    ...options,
  });
  onTestFinished(() => log.close());
  return { write: (lines) => log.write(lines), troubles };
}

const line = (n: number): string => `${String(n).padStart(29, ".")}\n`;
const numbers = (lines: readonly string[]): number[] => lines.map((text) => Number(text.replace(/^\.+/, "")));

test("a log is rotated at its size, keeps as many files as it may, and is read back over them", () => {
  const { dir, path } = place();
  const log = open(path);
  for (let n = 0; n < 20; n++) log.write(line(n));
  expect(readdirSync(dir).sort()).toEqual(["p.log", "p.log.1", "p.log.2"]);
  expect(readFileSync(path, "utf8")).toBe(line(18) + line(19));
  expect(numbers(lastLines(path, 4))).toEqual([16, 17, 18, 19]);
  expect(numbers(lastLines(path, 100))).toEqual([12, 13, 14, 15, 16, 17, 18, 19]);
  expect(lastLines(path, 0)).toEqual([]);

  open(path, { files: 1 }).write(line(20) + line(21));
  expect(readdirSync(dir), "files that are no longer kept are removed").toEqual(["p.log"]);
  expect(numbers(lastLines(path, 100))).toEqual([20, 21]);
});

test("the last lines of a file far larger than a block are found, whatever stands in them", () => {
  const { path } = place();
  const log = open(path, { maxBytes: 10_000_000 });
  for (let n = 0; n < 5000; n++) log.write(`${n} ${"Thành phố ".repeat(10)}\n`);
  const last = lastLines(path, 3000);
  expect(last).toHaveLength(3000);
  expect(last[0]).toBe(`2000 ${"Thành phố ".repeat(10)}`);

  log.write(`${"a".repeat(70_000)}\n${"b".repeat(70_000)}\n`); // more than a block each
  expect(lastLines(path, 2).map((text) => [text[0], text.length])).toEqual([
    ["a", 70_000],
    ["b", 70_000],
  ]);
  expect(lastLines(path, 1)).toHaveLength(1);

  log.write("x\n".repeat(300_000)); // more than a call takes arguments
  expect(lastLines(path, 1_000_000)).toHaveLength(305_002);
});

test("who follows a log gets every line once, over rotations, and when it does not exist yet", () => {
  const { path } = place();
  let seen = "";
  const follower = followLog(path, (lines) => (seen += lines));
  onTestFinished(() => follower.close());
  follower.poll();
  const log = open(path, { files: 50 });
  for (let n = 0; n < 100; n++) {
    log.write(line(n));
    if (n % 9 === 0) follower.poll(); // two to three rotations between two looks
  }
  follower.poll();
  expect(numbers(seen.trimEnd().split("\n"))).toEqual(Array.from({ length: 100 }, (_, n) => n));
});

test("a full disk costs the lines that could not be written, says how many, and nothing else", () => {
  const { path } = place();
  symlinkSync("/dev/full", path);
  const log = open(path, { dated: true, now: () => new Date("2026-11-21T10:00:00Z") });
  log.write("one\n");
  log.write("two\nthree\n");
  expect(log.troubles).toHaveLength(1);
  expect(String(log.troubles[0])).toContain("ENOSPC");
  rmSync(path);
  log.write("four\n");
  expect(readFileSync(path, "utf8")).toBe("-- missing here, for they could not be written: 3 lines\n-- 2026-11-21, times are UTC\nfour\n");
});

test("a log that somebody removed is begun again; each day begins with its date", () => {
  const { path } = place();
  let now = new Date("2026-11-21T23:59:58Z");
  const log = open(path, { maxBytes: 10_000, dated: true, now: () => now });
  log.write("a\n");
  rmSync(path);
  now = new Date("2026-11-22T00:00:01Z");
  log.write("b\n");
  log.write("c\n");
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path, "utf8")).toBe("-- 2026-11-22, times are UTC\nb\nc\n");
});

test("output is cut into whole lines, also inside a character, and where no line ever ends", () => {
  const written: string[] = [];
  const lines = wholeLines((text) => void written.push(text));
  const bytes = Buffer.from("Hà Nội\nĐà Nẵng");
  for (const byte of bytes) lines.push(Buffer.of(byte));
  expect(written).toEqual(["Hà Nội\n"]);
  lines.end();
  expect(written).toEqual(["Hà Nội\n", "Đà Nẵng\n"]);
  lines.push(Buffer.alloc(1_000_000, "x"));
  expect(written.length, "given on before it ends").toBeGreaterThan(10);
  lines.end();
  expect(written.slice(2).join("").replaceAll("\n", "")).toBe("x".repeat(1_000_000));
});
