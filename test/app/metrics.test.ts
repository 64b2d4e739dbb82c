import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { boundReasons } from "../../src/app/metrics-reasons.ts";
import { createMetrics, exposition, type StoredMetric } from "../../src/app/metrics-registry.ts";
import { serveMetrics } from "../../src/app/metrics-serve.ts";
import { streamSamples } from "../../src/app/metrics-stream.ts";
import { metricsText } from "../../src/app/metrics-text.ts";
import { announceProcess } from "../../src/app/process-state.ts";
import { openRunHistory } from "../../src/app/run-history.ts";
import type { LaneStatus } from "../../src/app/run-stream.ts";
import { METRICS, PROCESS_KINDS, type Sample } from "../../src/core/metrics.ts";
import { parseExposition, valueOf } from "./exposition.ts";
import { message, Offer, offer, place, toServing } from "./stream-place.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/metrics.md"), "utf8");
/** Those that every process's samples have; the table says so once. */
const COMMON = new Set(["process", "name", "worker"]);

test("the table in docs/metrics.md has what is registered, word by word", async () => {
  const registered: { name: string; type: string; help: string }[] = [];
  for (const kind of [...PROCESS_KINDS, "project"] as const) {
    const samples = METRICS.filter(({ of }) => of === kind).map(({ name, labels }): Sample => ({
      name,
      labels: Object.fromEntries(labels.map((label) => [label, "x"])),
      value: 1,
    }));
    const read = await (await createMetrics(kind)).read(samples);
    for (const metric of read.filter(({ name }) => name.startsWith("arachne_"))) {
      registered.push(metric);
      const { labels } = METRICS.find(({ name }) => name === metric.name)!;
      expect(Object.keys(metric.values[0]!.labels).sort(), metric.name).toEqual([...labels].sort());
    }
  }
  const rows = [...PAGE.matchAll(/^\| `(arachne_\w+)` \| (\w+) \| (.*?) \| (.*?) \|$/gm)].map(([, name, type, labels, help]) => ({ name, type, labels, help })); // prettier-ignore
  expect(rows).toEqual(
    METRICS.map(({ name, type, help, labels }) => ({
      name,
      type,
      labels: labels.filter((label) => !COMMON.has(label)).map((label) => `\`${label}\``).join(", "), // prettier-ignore
      help,
    })),
  );
  expect(rows.map(({ name, type, help }) => ({ name, type, help }))).toEqual(
    registered.map(({ name, type, help }) => ({ name, type, help })),
  );
});

test("names keep to Prometheus's conventions, and labels to what it leaves free", () => {
  for (const { name, type, labels, help } of METRICS) {
    expect(name).toMatch(/^arachne_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith("_total"), name).toBe(type === "counter");
    expect(name, "base units").not.toMatch(/milli|kilo|minutes|hours|percent|counter|gauge/);
    expect(help.length, name).toBeGreaterThan(10);
    for (const label of labels) expect(["job", "instance", "le", "quantile"], name).not.toContain(label);
  }
});

test("reasons are bounded, and each keeps its name", () => {
  const bound = boundReasons();
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`r${i}`, 1000 - i]));
  const first = new Map(bound(many));
  expect(first.size).toBe(31);
  expect(first.get("r0")).toBe(1000);
  expect([...first.values()].reduce((a, b) => a + b)).toBe(500_500);
  // A later one that has become the most frequent does not take the place of one that was shown.
  const later = new Map(bound({ r999: 5000, ...many }));
  expect([...later.keys()].sort()).toEqual([...first.keys()].sort());
});

const lane = (name: string, change: Partial<LaneStatus> = {}): LaneStatus => ({
  name,
  group: name,
  ledger: { read: 10, folded: 0, written: 5, kept: 1, dropped: { duplicate: 1 }, dead: { not_json: 2, "id: minLength": 1 } },
  breaker: "closed",
  opened: 0,
  failed: 0,
  ...change,
});

test("what became of a stream's messages adds up to those that were read", async () => {
  const lanes = [lane("s"), lane("s.search", { breaker: "half-open", opened: 2, failed: 9 }), lane("s.more")];
  const read = await (await createMetrics("stream")).read(streamSamples("s")(lanes));
  const { text } = await exposition([read]);
  const families = parseExposition(text);
  for (const sink of ["search", "more", "(windows)"]) {
    const outcomes = families.get("arachne_stream_messages_total")!.samples.filter(({ labels }) => labels["sink"] === sink);
    expect(outcomes.map(({ labels }) => labels["outcome"])).toEqual(["written", "kept", "folded", "dropped", "dead"]);
    expect(outcomes.reduce((sum, { value }) => sum + value, 0)).toBe(10);
  }
  expect(valueOf(families, "arachne_sink_breaker_open", { sink: "search" })).toBe(1);
  expect(valueOf(families, "arachne_sink_breaker_open", { sink: "more" })).toBe(0);
  expect(valueOf(families, "arachne_sink_breaker_trips_total", { sink: "search" })).toBe(2);
  expect(valueOf(families, "arachne_stream_dead_letters_total", { sink: "more", reason: "id: minLength" })).toBe(1);
});

test("a sample is never given twice, and any text may be a label", async () => {
  const metric = (labels: Record<string, string>): StoredMetric => ({
    name: "x_total",
    help: "a\nb",
    type: "counter",
    values: [{ labels, value: 1 }],
  });
  const odd = { reason: 'a "quoted" \\ back\nline, với dấu' };
  const { text } = await exposition([[metric(odd)], [metric(odd)], [metric({ reason: "b" })]]);
  const samples = parseExposition(text).get("x_total")!.samples;
  expect(samples.map(({ labels }) => labels)).toEqual([odd, { reason: "b" }]);
});

test("one text has all processes, the jobs of the history and the lag of topics, and makes nothing", async () => {
  const p = place();
  const { settings } = p;
  const now = (): Date => new Date();
  const none = { read: () => Promise.resolve([]) };
  expect(parseExposition((await metricsText({ settings, now, lags: none })).text).size).toBe(0);

  const announced = announceProcess({
    kind: "stream",
    name: "s",
    settings,
    log: p.log,
    now,
    samples: () => streamSamples("s")([lane("s.x")]),
  });
  onTestFinished(() => announced.close());
  await announced.update();
  {
    using history = openRunHistory({ settings, now });
    history
      .begin({ job: "daily", date: "2026-11-20", trigger: "manual" })
      .end({ state: "succeeded", rowsIn: 100, rowsOut: 90, rejected: 10 });
    history.begin({ job: "daily", date: "2026-11-21", trigger: "manual" }).end({ state: "failed", error: "no" });
    history.queue({ job: "hourly", date: "2026-11-21", trigger: "schedule", scheduledFor: "2026-11-21T01:00:00.000Z" });
  }
  await p.send([message(offer(1)), message(offer(2))]);
  const stream = { topic: "t", item: Offer, into: { serving: toServing } };
  await using server = await serveMetrics({ port: 0, project: p.project({ s: stream }), settings, log: p.log, now });
  const answers = await Promise.all([1, 2, 3].map(() => fetch(server.url)));
  expect(answers[0]!.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  const families = parseExposition(texts[0]!);

  const process_ = { process: "stream", name: "s", worker: "0" };
  expect(valueOf(families, "arachne_stream_read_messages_total", { ...process_, stream: "s", sink: "x" })).toBe(10);
  expect(valueOf(families, "process_resident_memory_bytes", process_)).toBeGreaterThan(1e7);
  expect(valueOf(families, "arachne_topic_lag_messages", { topic: "t", group: "s.serving" })).toBe(2);
  expect(valueOf(families, "arachne_job_state", { job_name: "daily", state: "failed" })).toBe(1);
  expect(valueOf(families, "arachne_job_state", { job_name: "daily", state: "succeeded" })).toBe(0);
  expect(valueOf(families, "arachne_job_state", { job_name: "hourly", state: "queued" })).toBe(1);
  expect(valueOf(families, "arachne_job_runs", { job_name: "daily", state: "failed" })).toBe(1);
  expect(valueOf(families, "arachne_job_last_rows_in", { job_name: "daily" })).toBe(100);
  expect(valueOf(families, "arachne_job_last_rows_out", { job_name: "daily" })).toBe(90);
  expect(valueOf(families, "arachne_job_last_rows_rejected", { job_name: "daily" })).toBe(10);
  const age = (name: string): number => Date.now() / 1000 - valueOf(families, name, { job_name: "daily" })!;
  expect(Math.abs(age("arachne_job_last_success_timestamp_seconds"))).toBeLessThan(60);
  expect(Math.abs(age("arachne_job_last_start_timestamp_seconds"))).toBeLessThan(60);

  expect((await fetch(server.url.replace("/metrics", "/"))).status).toBe(404);
  expect((await fetch(server.url, { method: "POST" })).status).toBe(405);
});

test("what cannot be read is an answer too, and the next one may be well", async () => {
  const p = place();
  const now = (): Date => new Date();
  await using server = await serveMetrics({ port: 0, project: p.project({}), settings: p.settings, log: p.log, now });
  mkdirSync(p.settings.STATE_DIR, { recursive: true });
  const history = join(p.settings.STATE_DIR, "jobs.db");
  writeFileSync(history, "this is no database, but it is longer than a header of one: ".repeat(20));
  expect((await fetch(server.url)).status).toBe(500);
  expect(p.log.lines.filter((line) => line.startsWith("warn metrics: cannot be read"))).toHaveLength(1);
  rmSync(history);
  expect((await fetch(server.url)).status).toBe(200);
});

test("a port that is taken is an error that names the setting", async () => {
  const p = place();
  const now = (): Date => new Date();
  const options = { project: p.project({}), settings: p.settings, log: p.log, now };
  await using server = await serveMetrics({ port: 0, ...options });
  await expect(serveMetrics({ port: Number(new URL(server.url).port), ...options })).rejects.toMatchObject({
    code: "metrics_port",
    exitCode: 2,
    message: expect.stringMatching(/another process listens there: set METRICS_PORT/) as string,
  });
});
