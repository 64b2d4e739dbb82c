/** What kind of process it is: what it measures follows from that. */
export const PROCESS_KINDS = ["crawl", "stream", "scheduler", "job", "manager"] as const;
export type ProcessKind = (typeof PROCESS_KINDS)[number];

export interface MetricDefinition {
  readonly name: string;
  readonly type: "counter" | "gauge";
  /** Beside those that every process's samples have: `process`, `name`, `worker`. */
  readonly labels: readonly string[];
  readonly help: string;
  /** Who measures it; `project`: whoever is asked, from what the project's stores say. */
  readonly of: ProcessKind | "project";
}

/**
 * Every metric of ours, named by https://prometheus.io/docs/practices/naming: one unit a name, in base units, `_total` for what only
 * grows, and a sum over any label means something (so causes stand in metrics of their own). `job` and `instance` are Prometheus's
 * own labels, hence `job_name` and `worker`. docs/metrics.md has the same table.
 */
export const METRICS = [
  counter("crawl", "arachne_crawl_pages_total", ["outcome"], "Pages of the crawl that are done: parsed or failed"),
  counter("crawl", "arachne_crawl_failed_pages_total", ["reason"], "Pages that failed in the end, by reason"),
  counter("crawl", "arachne_crawl_retries_total", [], "Tries that were repeated"),
  gauge("crawl", "arachne_crawl_pending_requests", [], "Requests that are yet to be done, those under way among them"),
  gauge("crawl", "arachne_crawl_active_requests", [], "Requests under way"),
  counter("crawl", "arachne_crawl_items_total", ["outcome"], "Items that the spider gave: stored or dropped"),
  counter("crawl", "arachne_crawl_dropped_items_total", ["reason"], "Items dropped by a pipeline or the schema, by reason"),
  gauge("crawl", "arachne_chain_backlog_items", ["delivery"], "Stored items that the delivery has yet to take"),
  counter("crawl", "arachne_chain_delivered_items_total", ["delivery"], "Items of the crawl that the delivery has made durable"),
  counter("crawl", "arachne_chain_failures_total", ["delivery"], "Tries of the delivery that failed and were repeated"),

  counter("stream", "arachne_stream_read_messages_total", ["stream", "sink"], "Messages read and committed; of a window's sink, its rows"),
  counter(
    "stream",
    "arachne_stream_messages_total",
    ["stream", "sink", "outcome"],
    "What became of them: written, kept (nothing newer), folded (into windows), dropped, dead (dead-lettered)",
  ),
  counter("stream", "arachne_stream_dead_letters_total", ["stream", "sink", "reason"], "Messages that were dead-lettered, by reason"),
  gauge("stream", "arachne_sink_breaker_open", ["stream", "sink"], "1 while the sink's breaker is open or half-open"),
  counter("stream", "arachne_sink_breaker_trips_total", ["stream", "sink"], "Times that the sink's breaker has opened"),
  counter("stream", "arachne_sink_failures_total", ["stream", "sink"], "Tries that failed and were repeated"),

  gauge("project", "arachne_topic_lag_messages", ["topic", "group"], "Messages that the consumer group has yet to commit"),
  gauge("project", "arachne_job_last_start_timestamp_seconds", ["job_name"], "When the job's newest run began"),
  gauge("project", "arachne_job_last_success_timestamp_seconds", ["job_name"], "When the job's newest run that succeeded ended"),
  gauge("project", "arachne_job_last_duration_seconds", ["job_name"], "How long the job's newest run that has ended took"),
  gauge("project", "arachne_job_last_rows_in", ["job_name"], "Rows that the job's newest successful run read"),
  gauge("project", "arachne_job_last_rows_out", ["job_name"], "Rows that it wrote"),
  gauge("project", "arachne_job_last_rows_rejected", ["job_name"], "Rows that it rejected"),
  gauge("project", "arachne_job_state", ["job_name", "state"], "1 for the state of the job's newest run, 0 for the others"),
  gauge("project", "arachne_job_runs", ["job_name", "state"], "Runs in the history that have ended, by how"),
  gauge("project", "arachne_managed_up", ["managed"], "Of each process that the manager is to run: 1 while it does, else 0"),
  counter("project", "arachne_managed_restarts_total", ["managed"], "Times that the manager has started it again since it was asked for"),
  gauge(
    "project",
    "arachne_process_written_timestamp_seconds",
    ["process", "name", "worker"],
    "When the process last told how it is: every 2 seconds",
  ),
] as const;

export type MetricName = (typeof METRICS)[number]["name"];

export interface Sample {
  readonly name: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function counter<N extends string>(of: MetricDefinition["of"], name: N, labels: readonly string[], help: string) {
  return { of, name, type: "counter", labels, help } as const;
}

function gauge<N extends string>(of: MetricDefinition["of"], name: N, labels: readonly string[], help: string) {
  return { of, name, type: "gauge", labels, help } as const;
}
