import type { Counter, Gauge, Registry } from "prom-client";
import { z } from "zod";
import { METRICS, type ProcessKind, type Sample } from "../core/metrics.ts";

/** A metric as prom-client's `getMetricsAsJSON` gives it, and as it stands in state files. */
export const storedMetric = z.object({
  name: z.string(),
  help: z.string(),
  type: z.string(),
  values: z.array(
    z.object({
      value: z
        .number()
        .nullable()
        .transform((n) => n ?? Number.NaN), // JSON has no NaN
      labels: z.record(z.string(), z.union([z.string(), z.number()])),
      metricName: z.string().optional(),
    }),
  ),
});
export type StoredMetric = z.output<typeof storedMetric>;

export interface Metrics {
  /** The samples given, in place of those before, and what prom-client measures of the process. */
  read(samples: readonly Sample[]): Promise<StoredMetric[]>;
}

/** The metrics of one kind of process, with prom-client's defaults (`process_*`, `nodejs_*`) where it is this process. */
export async function createMetrics(of: ProcessKind | "project"): Promise<Metrics> {
  // Loaded only here: a crawl that is measured by nobody has begun before.
  const { collectDefaultMetrics, Counter, Gauge, Registry } = await import("prom-client");
  const registry: Registry = new Registry();
  if (of !== "project") collectDefaultMetrics({ register: registry });
  const own = new Map<string, Counter | Gauge>();
  for (const { name, type, labels, help } of METRICS.filter((metric) => metric.of === of)) {
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    own.set(name, type === "counter" ? new Counter(options) : new Gauge(options));
  }
  return {
    async read(samples) {
      // A metric without labels would else stand at 0 before anybody has counted.
      for (const metric of own.values()) metric.reset();
      for (const { name, labels, value } of samples) own.get(name)?.inc(labels, value);
      const counted = new Set<string>(samples.map(({ name }) => name));
      const all = await registry.getMetricsAsJSON();
      return all.flatMap((metric) => {
        const { name, help, type, values } = metric as object as StoredMetric;
        return own.has(name) && !counted.has(name) ? [] : [{ name, help, type, values }];
      });
    },
  };
}

/** Several processes' metrics as one text in Prometheus's format. No two may hold the same sample. */
export async function exposition(metrics: readonly (readonly StoredMetric[])[]): Promise<{ text: string; contentType: string }> {
  const { AggregatorRegistry } = await import("prom-client");
  // prom-client aggregates by metric and labels: with labels of its own each sample stays as it is.
  const all = metrics.map((of) => of.map((metric) => ({ ...metric, aggregator: "first" })));
  const registry = AggregatorRegistry.aggregate(all);
  return { text: await registry.metrics(), contentType: registry.contentType };
}
