import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { announceProcess, readProcesses, type ProcessAnnouncement } from "../../src/app/process-state.ts";
import type { Sample } from "../../src/core/metrics.ts";

interface Place {
  settings: { STATE_DIR: string };
  log: ProcessAnnouncement["log"] & { warnings: string[] };
  files(): string[];
  announce(more?: Partial<ProcessAnnouncement>): ReturnType<typeof announceProcess>;
}

function place(): Place {
  const dir = mkdtempSync(join(tmpdir(), "arachne-processes-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const settings = { STATE_DIR: join(dir, "state") };
  const warnings: string[] = [];
  const silent = (): void => undefined;
  const log = { warnings, debug: silent, info: silent, warn: (line: string) => void warnings.push(line), error: silent };
  return {
    settings,
    log,
    files: () => (existsSync(join(settings.STATE_DIR, "processes")) ? readdirSync(join(settings.STATE_DIR, "processes")) : []),
    announce(more) {
      const announced = announceProcess({ kind: "stream", name: "s", settings, log, now: () => new Date(), ...more });
      onTestFinished(() => announced.close());
      return announced;
    },
  };
}

const pages = (value: number): Sample => ({ name: "arachne_crawl_pages_total", labels: { outcome: "parsed" }, value });

test("a process is seen by others from the start, with what it counts, until it has closed", async () => {
  const p = place();
  let parsed = 1;
  const announced = p.announce({ kind: "crawl", name: "probe", samples: () => [pages(parsed)], details: () => ({ parsed }) });
  expect(readProcesses(p.settings)).toMatchObject([{ pid: process.pid, kind: "crawl", name: "probe", worker: 0, details: { parsed: 1 } }]);
  parsed = 7;
  await announced.update();
  const [state] = readProcesses(p.settings);
  expect(state!.details).toEqual({ parsed: 7 });
  expect(state!.metrics.find(({ name }) => name === "arachne_crawl_pages_total")!.values).toEqual([
    { labels: { outcome: "parsed" }, value: 7 },
  ]);
  expect(state!.metrics.map(({ name }) => name)).toContain("process_resident_memory_bytes");
  await announced.close();
  expect(readProcesses(p.settings)).toEqual([]);
  expect(p.files()).toEqual([]);
});

test("closing while it is being written leaves nothing", async () => {
  const p = place();
  for (let i = 0; i < 20; i++) {
    const announced = p.announce();
    void announced.update();
    if (i % 2 === 0) await new Promise((next) => setTimeout(next, i / 4));
    await announced.close();
    expect(p.files()).toEqual([]);
  }
});

test("what counted may be gone: its last numbers stand", async () => {
  const p = place();
  let closed = false;
  const samples = (): Sample[] => {
    if (closed) throw new Error("the database is closed");
    return [pages(3)];
  };
  const announced = p.announce({ kind: "crawl", samples });
  await announced.update();
  closed = true;
  const { metrics } = await announced.state();
  expect(metrics.find(({ name }) => name === "arachne_crawl_pages_total")!.values[0]!.value).toBe(3);
});

test("several of one name have numbers of their own, and a number that is free is used again", async () => {
  const p = place();
  const workers = (): number[] => readProcesses(p.settings).map(({ worker }) => worker);
  const write = (pid: number, worker: number): void => {
    // Another process's file: this one's own facts but for the number in its name.
    const [own] = readProcesses(p.settings);
    writeFileSync(join(p.settings.STATE_DIR, "processes", `stream-s-${pid}.json`), JSON.stringify({ ...own, worker }));
  };
  const first = p.announce();
  write(1, 1);
  await first.close();
  expect(workers()).toEqual([1]);
  p.announce();
  expect(new Set(workers())).toEqual(new Set([0, 1]));
});

test("a process that was killed is not seen, and what it left is removed", async () => {
  const p = place();
  const code = `
    import { announceProcess } from ${JSON.stringify(join(import.meta.dirname, "../../src/app/process-state.ts"))};
    const silent = () => {};
    const a = announceProcess({ kind: "stream", name: "s", settings: { STATE_DIR: process.argv[1] }, log: { debug: silent, info: silent, warn: silent, error: silent }, now: () => new Date() });
    await a.update();
    console.log("here");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code, p.settings.STATE_DIR], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise((said) => child.stdout.once("data", said));
  expect(readProcesses(p.settings)).toMatchObject([{ pid: child.pid, kind: "stream", name: "s" }]);
  child.kill("SIGKILL");
  await new Promise((ended) => child.once("exit", ended));
  expect(readProcesses(p.settings)).toEqual([]);
  expect(p.files()).toEqual([]);
});

test("a number that another process has got since is not the one that was", async () => {
  const p = place();
  const announced = p.announce();
  await announced.update();
  const state = await announced.state();
  await announced.close();
  const file = join(p.settings.STATE_DIR, "processes", `stream-s-${process.pid}.json`);
  const left = (change: object): number => {
    writeFileSync(file, JSON.stringify({ ...state, ...change }));
    return readProcesses(p.settings).length;
  };
  expect(left({})).toBe(1);
  expect(left({ ticks: "1" })).toBe(0);
  expect(p.files()).toEqual([]);
  // Of another container, or from before the machine was started again: only its silence tells.
  expect(left({ space: "elsewhere" })).toBe(1);
  expect(left({ space: "elsewhere", writtenAt: new Date(Date.now() - 120_000).toISOString() })).toBe(0);
  expect(p.files()).toEqual([]);
});

test("files of other makers are let be, and half-written ones go when they are old", () => {
  const p = place();
  p.announce();
  const dir = join(p.settings.STATE_DIR, "processes");
  writeFileSync(join(dir, "torn.json"), '{"pid":');
  writeFileSync(join(dir, "later.json"), '{"pid":1,"kind":"robot"}');
  writeFileSync(join(dir, "young.json.new"), "{");
  writeFileSync(join(dir, "old.json.new"), "{");
  utimesSync(join(dir, "old.json.new"), 0, 0);
  expect(readProcesses(p.settings)).toHaveLength(1);
  expect(p.files().filter((name) => !name.startsWith("stream-s-"))).toEqual(["later.json", "torn.json", "young.json.new"]);
});

test("where it cannot be written the work goes on, and that is said once it has lasted", async () => {
  const p = place();
  writeFileSync(p.settings.STATE_DIR, "a file");
  const announced = p.announce();
  await announced.update();
  expect(p.log.warnings).toEqual([]);
  for (let i = 0; i < 4; i++) await announced.update();
  await announced.close();
  expect(p.log.warnings).toEqual([expect.stringMatching(/^s: others cannot see how it is: .* cannot be written$/)]);
  expect(readProcesses(p.settings)).toEqual([]);
});
