import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { bringDown } from "../../src/app/manager-down.ts";
import { MANAGER_MIGRATIONS } from "../../src/app/manager-rows.ts";
import { isSilent } from "../../src/app/manager-silent.ts";
import { announceProcess } from "../../src/app/process-state.ts";
import { mark } from "../../src/app/supervise-marked.ts";
import { openDatabase } from "../../src/storage/sqlite.ts";
import { managerPlace, until, type ManagerPlace } from "./supervise-place.ts";

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const down = (p: ManagerPlace, ...names: string[]): Promise<string[]> =>
  bringDown({ control: p.control, settings: p.settings, names, log, now: () => new Date(), onEnd: () => {} });

test("what fails is started again, then given up; what has wrong settings at once; what is finished not at all", async () => {
  const p = managerPlace({ MANAGER_GIVE_UP_AFTER: 4 });
  p.ask("loop", ["exit", "1"]);
  p.ask("wrong", ["exit", "2"]);
  p.ask("crawl", ["exit", "0"], "crawl");
  await p.supervise().ended; // with nothing left to run
  expect(p.row("loop")).toMatchObject({ state: "given_up", restarts: 3, lastEnd: "exit code 1", pid: null, wanted: true });
  expect(p.row("wrong")).toMatchObject({ state: "given_up", restarts: 0, lastEnd: "exit code 2" });
  expect(p.row("crawl")).toMatchObject({ state: "done", restarts: 0, lastEnd: "exit code 0" });
  expect(p.log("loop").match(/manager: started again, process \d+/g)).toHaveLength(3);
  expect(p.log("loop")).toMatch(/error manager: exit code 1 after \d.\d s: given up, it failed 4 times in a row\n$/);
  expect(p.control.supervisor()).toBeUndefined();
});

test("a process that is killed is started again; asked for once more, one that was given up is tried anew", async () => {
  const p = managerPlace({ MANAGER_GIVE_UP_AFTER: 2, MANAGER_BACKOFF_SECONDS: 0.3 });
  p.ask("a", ["stay"]);
  p.ask("b", ["exit", "1"]);
  p.supervise();
  const { pid } = await p.reached("a", "running");
  await p.reached("b", "given_up");
  process.kill(pid!, "SIGKILL");
  expect(await p.reached("a", "waiting")).toMatchObject({ lastEnd: "killed by SIGKILL", nextTry: expect.any(String) });
  p.ask("b", ["exit", "1"]);
  await until(() => (p.log("b").match(/manager: started/g)!.length === 4 ? true : undefined));
  expect((await p.reached("a", "running", 1)).pid).not.toBe(pid);
  expect(await down(p, "a", "b")).toEqual([]);
  expect(p.left()).toEqual([]);
});

test("what waits for its next try is tried at once when it is asked for again, and stopped at once when it is not wanted", async () => {
  const p = managerPlace({ MANAGER_BACKOFF_SECONDS: 1000, MANAGER_BACKOFF_MAX_SECONDS: 1000 });
  p.ask("a", ["exit", "1"]);
  p.supervise();
  await p.reached("a", "waiting");
  p.ask("a", ["exit", "1"]);
  expect(await p.reached("a", "waiting", 1)).toMatchObject({ restarts: 1, pid: null });
  await down(p, "a");
  expect(p.row("a")).toMatchObject({ state: "stopped", nextTry: null });
});

test("what ignores SIGTERM is ended when its time is up, alone", async () => {
  const p = managerPlace({ MANAGER_STOP_SECONDS: 0.5 });
  p.ask("deaf", ["ignore"]);
  p.ask("other", ["stay"]);
  const { pid } = (p.supervise(), await p.reached("other", "running"));
  await p.reached("deaf", "running");
  await down(p, "deaf");
  expect(p.row("deaf")).toMatchObject({ state: "stopped", lastEnd: "killed by SIGKILL", pid: null });
  expect(p.log("deaf")).toMatch(/not me\n.*manager: stopped: killed by SIGKILL\n$/);
  expect(p.row("other")).toMatchObject({ state: "running", pid });
  await down(p, "other");
});

test("nothing is left of what a process has started, in other sessions too, when it is started again and when it is stopped", async () => {
  const p = managerPlace();
  p.ask("a", ["grandchild"]);
  p.supervise();
  const { pid } = await p.reached("a", "running");
  const grandchild = await until(() => p.left().find((each) => each !== pid));
  process.kill(pid!, "SIGKILL");
  await p.reached("a", "running", 1);
  expect(p.left()).not.toContain(grandchild);
  await until(() => (p.left().length === 2 ? true : undefined));
  await down(p, "a");
  expect(p.left()).toEqual([]);
});

test("asked for while it is being stopped, a process is started again when it has ended, and `down` says so", async () => {
  const p = managerPlace();
  p.ask("a", ["slow", "700"]);
  p.supervise();
  const { pid } = await p.reached("a", "running");
  const stopped = down(p, "a");
  await p.reached("a", "stopping");
  p.ask("a", ["slow", "1"]);
  expect(await stopped).toEqual(["a"]);
  expect((await p.reached("a", "running")).pid).not.toBe(pid);
  await down(p, "a");
  expect(p.left()).toEqual([]);
});

test("asked for anew, a process ends before it is started again; what waits for its next try is started at once", async () => {
  const p = managerPlace({ MANAGER_BACKOFF_SECONDS: 1000, MANAGER_BACKOFF_MAX_SECONDS: 1000 });
  p.ask("a", ["slow", "300"]);
  p.ask("b", ["exit", "1"]);
  p.supervise();
  const { pid } = await p.reached("a", "running");
  await p.reached("b", "waiting");
  p.control.askAnew(["a", "b"]);
  await p.reached("a", "stopping");
  expect(p.row("a")).toMatchObject({ wanted: true, anew: true });
  await until(() => (p.row("a").state === "running" && p.row("a").pid !== pid ? true : undefined));
  expect(p.row("a")).toMatchObject({ wanted: true, anew: false, restarts: 0 });
  expect(p.log("a").match(/manager: st\w+/g)).toEqual(["manager: started", "manager: stopped", "manager: started"]);
  await until(() => (p.log("b").match(/manager: started, /g)!.length === 2 ? true : undefined));
  await down(p, "a", "b");
  expect(p.left()).toEqual([]);
});

/** As a manager leaves them that was killed. */
function lost(p: ManagerPlace, ...names: string[]): void {
  for (const name of names) {
    p.ask(name, ["stay"]);
    p.control.setState(name, { state: "running", pid: 1, restarts: 0, lastEnd: null, nextTry: null });
  }
}

test("of what a killed manager ran only that is forgotten which is put down", async () => {
  const p = managerPlace();
  lost(p, "a", "b");
  expect(await down(p, "a")).toEqual([]);
  expect(p.row("a")).toMatchObject({ state: "stopped", wanted: false, pid: null });
  expect(p.row("b")).toMatchObject({ wanted: true });
  p.supervise();
  await until(() => (p.row("b").pid !== 1 && p.row("b").state === "running" ? true : undefined));
  await down(p, "b");
});

test("put down while the next manager waits for what a killed one has left, a process is stopped, not running", async () => {
  const p = managerPlace();
  lost(p, "a");
  const left = spawn(process.execPath, [join(import.meta.dirname, "supervise-child.mjs"), "stay"], {
    env: { ...process.env, ...mark(p.settings.STATE_DIR, "a") },
  });
  await until(() => (p.left().length > 0 ? true : undefined));
  const { ended } = p.supervise();
  await until(() => (p.control.supervisor() === undefined ? undefined : true));
  p.control.unwant(["a"]);
  left.kill("SIGKILL");
  await ended;
  expect(p.row("a")).toMatchObject({ state: "stopped", pid: null });
});

test("a manager that tells how it is is not taken for stuck, however long its processes take to end", async () => {
  const p = managerPlace();
  p.control.takeOver({});
  const supervisor = p.control.supervisor()!;
  const later = (seconds: number): Date => new Date(Date.now() + seconds * 1000);
  expect(isSilent(supervisor, p.settings, later(10))).toBe(false);
  expect(isSilent(supervisor, p.settings, later(60)), "it has never told").toBe(true);
  const announced = announceProcess({ kind: "manager", name: "manager", settings: p.settings, log, now: () => later(600) });
  expect(isSilent(supervisor, p.settings, later(610))).toBe(false);
  expect(isSilent(supervisor, p.settings, later(660))).toBe(true);
  await announced.close();
});

test("a control table that cannot be written is told of once each time, and what runs is minded all the same", async () => {
  const p = managerPlace();
  p.ask("a", ["stay"]);
  p.supervise();
  const table = openDatabase(join(p.settings.STATE_DIR, "manager.db"), { migrations: MANAGER_MIGRATIONS });
  const told = (): number => p.log("manager").match(/error the control table cannot be used/g)?.length ?? 0;
  for (const time of [1, 2]) {
    const { pid } = await p.reached("a", "running", time - 1);
    table.exec("CREATE TRIGGER disk_full BEFORE UPDATE ON process BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
    process.kill(pid!, "SIGKILL");
    await until(() => (p.log("a").match(/manager: started/g)!.length === time + 1 ? true : undefined));
    await sleep(1000); // several rounds
    expect(told()).toBe(time);
    table.exec("DROP TRIGGER disk_full");
  }
  await p.reached("a", "running", 2);
  table.close();
  await down(p, "a");
});

test("a stop stops all, and forgets what was wanted; asked for meanwhile is the next one's to do", async () => {
  const p = managerPlace();
  p.ask("a", ["slow", "500"]);
  p.ask("b", ["stay"]);
  const first = p.supervise();
  await p.reached("a", "running");
  first.stop();
  await p.reached("a", "stopping");
  p.ask("b", ["stay"]);
  await first.ended;
  expect(p.left()).toEqual([]);
  expect(p.row("a")).toMatchObject({ state: "stopped", wanted: false });
  expect(p.row("b")).toMatchObject({ state: "stopped", wanted: true });
  p.supervise();
  await p.reached("b", "running");
  expect(p.row("a").state).toBe("stopped");
  await down(p, "b");
});

test("a second supervisor is refused, and the first goes on", async () => {
  const p = managerPlace();
  p.ask("a", ["stay"]);
  p.supervise();
  await p.reached("a", "running");
  await expect(p.supervise().ended).rejects.toMatchObject({ code: "locked" });
  expect(p.row("a").state).toBe("running");
  await down(p, "a");
});

test("a megabyte without an end of line, and escape sequences, go into the log as they come", async () => {
  const p = managerPlace();
  p.ask("a", ["noise"], "crawl");
  await p.supervise().ended;
  const lines = p.log("a").split("\n");
  expect(lines.filter((text) => text.startsWith("xxx")).join("")).toHaveLength(1_000_000);
  expect(lines).toContain("\u001b[31mred\u001b[0m \u001b]0;title\u0007");
});
