import type { Context } from "../core/context.ts";
import type { Sample } from "../core/metrics.ts";
import type { Settings } from "../core/settings.ts";
import { readManaged } from "./manager-table.ts";
import { jobSamples } from "./metrics-jobs.ts";
import type { LagReader } from "./metrics-lag.ts";
import { createMetrics, exposition, type StoredMetric } from "./metrics-registry.ts";
import { readProcesses, type AnnouncedProcess, type ProcessState } from "./process-state.ts";

export interface MetricsRequest extends Pick<Context, "settings" | "now"> {
  lags: LagReader;
  /** This process: asked itself, as its file is up to 2 seconds old. */
  own?: AnnouncedProcess | undefined;
}

/** The metrics of all processes of the project, and those that its stores tell, in Prometheus's text format. */
export async function metricsText({ settings, now, lags, own }: MetricsRequest): Promise<{ text: string; contentType: string }> {
  const written = readProcesses(settings, now());
  const current = await own?.state();
  const states = current === undefined ? written : [...written.filter(({ pid }) => pid !== current.pid), current];
  const samples = [...states.map(writtenSample), ...managedSamples(settings), ...jobSamples(settings), ...(await lags.read())];
  const project = await (await createMetrics("project")).read(samples);
  return exposition([...states.map(labelled), project]);
}

function labelled({ kind, name, worker, metrics }: ProcessState): StoredMetric[] {
  const own = { process: kind, name, worker: String(worker) };
  return metrics.map((metric) => ({
    ...metric,
    values: metric.values.map((value) => ({ ...value, labels: { ...value.labels, ...own } })),
  }));
}

function writtenSample({ kind, name, worker, writtenAt }: ProcessState): Sample {
  return {
    name: "arachne_process_written_timestamp_seconds",
    labels: { process: kind, name, worker: String(worker) },
    value: Date.parse(writtenAt) / 1000,
  };
}

/** Of what is to run: neither what was put down, nor a crawl that has come to its end. */
function managedSamples(settings: Settings): Sample[] {
  const wanted = readManaged(settings).processes.filter((row) => row.wanted && row.state !== "done");
  return wanted.flatMap(({ name, state, restarts }): Sample[] => [
    { name: "arachne_managed_up", labels: { managed: name }, value: state === "running" || state === "starting" ? 1 : 0 },
    { name: "arachne_managed_restarts_total", labels: { managed: name }, value: restarts },
  ]);
}
