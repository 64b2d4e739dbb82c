import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Job } from "arachne";
import { recordQueuedRun, StopRequest } from "../../src/app/record-run.ts";
import { openRunHistory } from "../../src/app/run-history.ts";
import type { Run } from "../../src/app/run-history-rows.ts";
import { ArachneError, CriticalError, RejectedError, SettingsError, TransientError } from "../../src/core/errors.ts";
import { jobPlace, thingsJob } from "./job-place.ts";

/** What the history says of a run that the scheduler has queued, once it has failed so. */
async function failedRun(run: () => Promise<never>, signal = new AbortController().signal): Promise<Run> {
  const place = jobPlace();
  const history = openRunHistory({ settings: { STATE_DIR: join(place.dir, "state") }, now: () => new Date() });
  onTestFinished(() => history[Symbol.dispose]());
  const { id } = history.queue({ job: "things", date: "2026-11-20", scheduledFor: "2026-11-20T02:00:00.000Z", trigger: "schedule" })!;
  const job: Job = { ...thingsJob(), run };
  await expect(recordQueuedRun(id, { ...place.request(job, { signal }), history })).rejects.toThrow();
  return history.get(id)!;
}

test.each<[string, Error, Run["followUp"]]>([
  ["an outage", new TransientError("spark_lost", "spark: went away"), "retry"],
  ["a full disk", new CriticalError("disk_full", "disk: full"), "retry"],
  ["an unforeseen error", new TypeError("x is not a function"), "retry"],
  ["the quality gate", new ArachneError("quality", "quality: not what is published"), null],
  ["what the serving store refuses", new ArachneError("serving_refused", "serving: refused"), null],
  ["a broken file", new ArachneError("input_broken", "batch: a.json is empty"), null],
  ["a poison message", new RejectedError("poison", "no item"), null],
  ["a wrong setting", new SettingsError("mixed_sources", "batch: demo and real"), null],
])("a run that fails by %s is tried again only where a pause can help", async (_, error, followUp) => {
  expect(await failedRun(() => Promise.reject(error))).toMatchObject({ state: "failed", followUp });
});

test("a run that took too long is tried again, and tells what else went wrong as it stopped", async () => {
  const request = new StopRequest("timed_out", "it took longer than its time limit");
  const stopped = (error: Error): Promise<Run> => {
    const stop = new AbortController();
    return failedRun(() => {
      stop.abort(request);
      return Promise.reject(error);
    }, stop.signal);
  };
  const state = { state: "timed_out", followUp: "retry" };
  expect(await stopped(request)).toMatchObject({ ...state, error: request.message });
  expect(await stopped(new ArachneError("aborted", "duckdb: stopped"))).toMatchObject({ ...state, error: request.message });
  expect(await stopped(new Error("the disk is full"))).toMatchObject({ ...state, error: `${request.message}: the disk is full` });
});
