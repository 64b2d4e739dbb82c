import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { openRunHistory } from "../../src/app/run-history.ts";

function createHistory() {
  const dir = mkdtempSync(join(tmpdir(), "arachne-runs-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const open = () => {
    const history = openRunHistory({ settings: { STATE_DIR: dir }, now: () => new Date() });
    onTestFinished(() => history[Symbol.dispose]());
    return history;
  };
  return { dir, open };
}

const slot = (minute: number) => ({
  job: "j",
  date: "2026-05-04",
  scheduledFor: new Date(Date.UTC(2026, 4, 4, 0, minute)).toISOString(),
  trigger: "schedule" as const,
});

test("a cron time gets one run, however often and by whomever it is queued", () => {
  const { open } = createHistory();
  const [a, b] = [open(), open()];
  const first = a.queue(slot(0));
  expect(first).toMatchObject({ state: "queued", attempt: 1 });
  expect(b.queue(slot(0))).toBeUndefined();
  expect(b.queue({ ...slot(0), attempt: 2, trigger: "retry" })).toMatchObject({ attempt: 2 });
});

test("of several processes that reach for the same runs each run goes to one", async () => {
  const { dir, open } = createHistory();
  const history = open();
  for (let i = 0; i < 60; i++) history.queue(slot(i));
  const script = join(import.meta.dirname, "claim-runs.mjs");
  const claims = await Promise.all([1, 2, 3].map(() => promisify(execFile)(process.execPath, ["--import", "tsx", script, dir])));
  const taken = claims.flatMap((c) => c.stdout.split("\n").filter((line) => line !== ""));
  expect(taken).toHaveLength(60);
  expect(new Set(taken).size).toBe(60);
  expect(history.inState("queued").concat(history.inState("running"))).toEqual([]);
  expect(readdirSync(join(dir, "runs")).filter((file) => file.endsWith(".lock")).length).toBeLessThanOrEqual(3); // used again
});

test("a run stays running as long as its lock is held, whatever stands in its row, and is lost when it is not", () => {
  const { open } = createHistory();
  const [owner, other] = [open(), open()];
  const own = owner.begin({ job: "j", date: "2026-05-04", trigger: "manual" });
  other.settleLost();
  expect(other.get(own.run.id)?.state).toBe("running");
  own.end({ state: "succeeded", rowsIn: 1 });
  other.settleLost();
  expect(other.get(own.run.id)).toMatchObject({ state: "succeeded", rowsIn: 1 });
  expect(other.finish(own.run.id, { state: "lost" })).toBe(false); // what has ended stays as it ended
});

test("a run whose process died is lost as soon as another takes its lock", async () => {
  const { dir, open } = createHistory();
  const history = open();
  const { id } = history.queue(slot(0))!;
  const died = promisify(execFile)(process.execPath, ["--import", "tsx", join(import.meta.dirname, "claim-runs.mjs"), dir, "die"]);
  await expect(died).rejects.toMatchObject({ signal: "SIGKILL" });
  expect(history.get(id)?.state).toBe("running");
  const own = history.begin({ job: "k", date: "2026-05-04", trigger: "manual" });
  expect(history.get(id)).toMatchObject({ state: "lost", followUp: "retry" });
  own.end({ state: "succeeded" });
});

test("pruning keeps what days, slots and planning are decided from: of a date the last run, the last success, the last scheduled one", () => {
  const { open } = createHistory();
  const history = open();
  const ran = (run: Parameters<typeof history.queue>[0], state: "succeeded" | "failed", followUp: "retry" | null = null): number => {
    const { id } = history.queue(run)!;
    history.finish(id, { state, followUp });
    return id;
  };
  const byHand = { job: "j", date: "2026-05-04", trigger: "manual" as const };
  ran(slot(0), "succeeded");
  ran(byHand, "failed");
  const success = ran(byHand, "succeeded");
  const scheduled = ran(slot(1), "failed");
  ran(byHand, "failed");
  const last = ran(byHand, "failed");
  const owed = ran({ ...slot(2), job: "k" }, "failed", "retry");
  const other = ran({ ...slot(3), job: "k" }, "failed");
  const open_ = history.queue({ ...slot(4), job: "k", date: "2026-05-05" })!.id;
  expect(history.prune(new Date(Date.now() - 60_000))).toBe(0);
  expect(history.prune(new Date(Date.now() + 60_000))).toBe(3);
  expect(history.list({ limit: 99 }).map((run) => run.id)).toEqual([success, scheduled, last, owed, other, open_].reverse());
  expect(history.queue(slot(1))).toBeUndefined();
});
