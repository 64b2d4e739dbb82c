import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readManaged } from "../../src/app/manager-table.ts";
import { markedProcesses } from "../../src/app/supervise-marked.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { until } from "../app/supervise-place.ts";
import { openTerminal } from "./terminal.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FOLDERS = ["crawlers", "demo", "domain", "jobs", "node_modules", "package.json", "pipelines", "settings.ts", "src", "streams"];

/** This project itself, with data of its own. */
function ownProject(): string {
  const dir = mkdtempSync(join(tmpdir(), "arachne-menu-"));
  for (const name of FOLDERS) symlinkSync(join(ROOT, name), join(dir, name));
  onTestFinished(() => {
    const { supervisor } = readManaged({ STATE_DIR: join(dir, "data/state") });
    if (supervisor !== undefined) process.kill(supervisor.identity.pid, "SIGKILL");
    for (const pid of markedProcesses(join(dir, "data/state"))) process.kill(pid, "SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}

/** The prompt, with what runs. */
const menu = (running: string, before = ""): RegExp => new RegExp(`${before}\\? Arachne \\(${running}\\)[^]*8\\. Exit[^]*select$`);
/** … behind what an entry has printed. */
const printed = (running: string): RegExp => menu(running, "^\\$ arachne [^]*");

test(
  "each of the eight entries does what it says; hybrid mode works from end to end; stop all leaves nothing",
  { timeout: 240_000 },
  async () => {
    const dir = ownProject();
    const left = (): number[] => markedProcesses(join(dir, "data/state"));
    const terminal = openTerminal(dir, { ARACHNE: `${process.execPath} ${join(ROOT, "bin/arachne.mjs")}`, CLOSESPIDER_PAGECOUNT: "60" });
    const choose = async (keys: readonly string[], then: string): Promise<string> => {
      terminal.press(...keys, "Enter");
      return terminal.shows(printed(then));
    };
    terminal.press("$ARACHNE menu; echo it ended with $?", "Enter");
    const first = await terminal.shows(menu("nothing runs"));
    expect(first.split("\n").filter((line) => / \d\. /.test(line))).toEqual([
      "❯ 1. Start streaming",
      "  2. Start batch (scheduled)",
      "  3. Run batch now",
      "  4. Start both (hybrid)",
      "  5. Crawler only",
      "  6. Health",
      "  7. Stop all",
      "  8. Exit",
    ]);

    const streaming = await choose(["1"], "running: bds_listings, stream_events");
    expect(streaming).toMatch(/^\$ arachne up streaming -d$/m);
    expect(streaming).toMatch(/^bds_listings +stream +running +\d.\d s +\d+ +0\nstream_events +stream +running/m);
    expect(await choose(["2"], "running: bds_listings, stream_events, scheduler")).toMatch(/^scheduler +batch +running/m);

    const nothing = await choose(["3"], "running: .*");
    expect(nothing).toMatch(/^error batch: there are no json files at [^]*\n\(it ended with exit code 1\)$/m);

    // Both run already: nothing is started twice.
    const hybrid = await choose(["4"], "running: bds_listings, stream_events, scheduler");
    expect(hybrid).toMatch(/^bds_listings +stream +running[^]*^stream_events +stream +running[^]*^scheduler +batch +running/m);
    const processes = left();

    terminal.press("5", "Enter");
    await terminal.shows(/\? Which spider\?[^]*1\. alonhadat_spider\n {2}2\. bds_spider\n[^]*5\. \(back to the menu\)/);
    // Sixty pages may have come by the time the menu is back.
    const crawled = await choose(["2"], "running: bds_listings, stream_events, scheduler(?:, bds_spider|; done: bds_spider)");
    expect(crawled).toMatch(/^\$ arachne up crawler bds_spider -d[^]*^bds_spider +crawler +(?:running|done)/m);
    await until(() => (readManaged({ STATE_DIR: join(dir, "data/state") }).processes.find((p) => p.name === "bds_spider")!.state === "done" ? true : undefined)); // prettier-ignore

    const batch = await choose(["3"], "running: bds_listings, stream_events, scheduler; done: bds_spider");
    expect(batch).toMatch(/^By province \([^]*^bds_batch for [\d-]+: done in [\d.]+ s$/m);
    const [, kept] = /^\d+ rows = (\d+) kept/m.exec(batch)!;
    const served = (): number => {
      using db = readSqlite(join(dir, "data/serving.db"));
      return db.all<{ n: number }>('SELECT count(*) AS n FROM "batdongsan@documents"')[0]!.n;
    };
    expect(served(), "what was crawled has come through the topic and the stream").toBe(Number(kept));

    const health = await choose(["6"], "running: .*");
    expect(health).toMatch(/^ok +managed.bds_listings +running, started/m);
    expect(health).not.toMatch(/^(down|error)/m);
    expect(
      left().filter((pid) => processes.includes(pid)),
      "the same all the time",
    ).toEqual(processes);

    const stopped = await choose(["7"], "nothing runs");
    expect(stopped).toMatch(/^bds_listings stopped$/m);
    expect(stopped).toMatch(/^nothing is left running$/m);
    expect(left()).toEqual([]);
    expect(readManaged({ STATE_DIR: join(dir, "data/state") }).supervisor).toBeUndefined();

    terminal.press("8", "Enter");
    await terminal.shows(/^nothing runs in the background\nit ended with 0$/m);
    expect(
      terminal
        .text()
        .split("\n")
        .filter((line) => /undefined|NaN|\[object/.test(line)),
    ).toEqual([]);
  },
);

test("Ctrl-C leaves the menu and says what goes on, also when the terminal is closed", { timeout: 120_000 }, async () => {
  const dir = ownProject();
  const left = (): number[] => markedProcesses(join(dir, "data/state"));
  const terminal = openTerminal(dir, { ARACHNE: `${process.execPath} ${join(ROOT, "bin/arachne.mjs")}` });
  terminal.press("$ARACHNE menu; echo it ended with $?", "Enter");
  await terminal.shows(menu("nothing runs"));
  terminal.press("Down", "Enter");
  await terminal.shows(printed("running: scheduler"));
  terminal.press("C-c");
  await terminal.shows(/^scheduler goes on in the background: arachne status, arachne down\nit ended with 130$/m);
  const processes = left();
  terminal.close();
  expect(left()).toEqual(processes);
  expect(processes.length).toBeGreaterThan(0);
});
