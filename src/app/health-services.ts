import type { Settings } from "../core/settings.ts";
import type { Check, HealthContext, HealthRow } from "./health.ts";
import { embeddedChecks } from "./health-embedded.ts";
import { LOOK_RETRY_SECONDS } from "./stream-lags.ts";
import { kafkaOptions } from "./topics.ts";

/**
 * A check for each service that the settings name, and for the embedded part that stands in where they do not. Their clients are loaded
 * then: on a busy machine that may take longer than a service has to answer.
 */
export async function serviceChecks(s: Settings): Promise<Check[]> {
  const { topics, serving, engine } = embeddedChecks;
  return Promise.all([
    s.KAFKA_BOOTSTRAP_SERVERS === undefined ? Promise.resolve(topics) : service("kafka", kafka),
    s.ELASTICSEARCH_URL === undefined ? Promise.resolve(serving) : service("elasticsearch", elasticsearch),
    ...(s.CLICKHOUSE_HOST === undefined ? [] : [service("clickhouse", clickHouse)]),
    ...(s.SPARK_REMOTE === undefined ? [] : [service("spark", spark)]),
    ...(s.BATCH_ENGINE === "spark" ? [] : [Promise.resolve(engine)]),
  ]);
}

type Found = Omit<HealthRow, "check">;
type Look = (c: HealthContext) => Promise<Found>;

async function service(name: string, load: () => Promise<Look>): Promise<Check> {
  const look = await load();
  return { names: [name], unknown: "down", run: async (c) => [{ check: name, ...(await look(c)) }] };
}

async function kafka(): Promise<Look> {
  const [{ lookAtCluster }, { releaseOf }] = await Promise.all([import("../topics/kafka/look.ts"), import("../topics/kafka/release.ts")]);
  return async ({ settings, log, signal }) => {
    const options = { ...kafkaOptions(settings.KAFKA_BOOTSTRAP_SERVERS!, settings, log), retrySeconds: LOOK_RETRY_SECONDS };
    const { brokers, controller } = await lookAtCluster(options, signal);
    const place = controller ?? options.brokers[0]!;
    const release = await releaseOf(place, options, signal);
    return {
      state: "ok",
      version: release ?? null,
      found: `Kafka${release === undefined ? "" : ` ${release}`}, ${brokers} ${brokers === 1 ? "broker" : "brokers"}, ${place}`,
      todo: null,
    };
  };
}

async function elasticsearch(): Promise<Look> {
  const { lookAtElasticsearch } = await import("../sinks/elasticsearch/look.ts");
  return async ({ settings, signal }) => {
    const { place, version, health } = await lookAtElasticsearch(settings, signal, settings.HEALTH_TIMEOUT_SECONDS * 1000);
    const nodes =
      health === undefined ? "" : `, ${health.number_of_nodes} ${health.number_of_nodes === 1 ? "node" : "nodes"}, ${health.status}`;
    const found = `Elasticsearch${version === undefined ? "" : ` ${version}`}${nodes}, ${place}`;
    const row = { version: version ?? null, found };
    if (version !== undefined && version.split(".")[0] !== "8")
      return { ...row, state: "down", todo: "Arachne speaks to version 8: use a server of that version" };
    if (health?.status === "red")
      return { ...row, state: "down", todo: "indices are without a primary shard: GET /_cluster/allocation/explain says why" };
    if (health?.status === "yellow")
      return {
        ...row,
        state: "warn",
        todo: `${health.unassigned_shards} copies of shards have no node: add one, or set ELASTICSEARCH_REPLICAS to what there is`,
      };
    return { ...row, state: "ok", todo: null };
  };
}

async function clickHouse(): Promise<Look> {
  const { openServer } = await import("../sinks/clickhouse/server.ts");
  return async ({ settings }) => {
    await using server = openServer({ ...settings, CLICKHOUSE_TIMEOUT_SECONDS: settings.HEALTH_TIMEOUT_SECONDS });
    const [row] = await server.rows<{ version: string }>("SELECT version() AS version", "asking for its version");
    return {
      state: "ok",
      version: row?.version ?? null,
      found: `ClickHouse ${row?.version}, database ${server.database}, ${server.place}`,
      todo: null,
    };
  };
}

async function spark(): Promise<Look> {
  const { lookAtSpark } = await import("../engines/spark/look.ts");
  return async ({ settings }) => {
    const { address, version } = await lookAtSpark(settings.SPARK_REMOTE!, settings.HEALTH_TIMEOUT_SECONDS);
    const row = { version, found: `Spark ${version}, ${address}` };
    if (!(Number.parseInt(version, 10) >= 4)) return { ...row, state: "down", todo: "Spark 4.0 or later is needed" };
    return { ...row, state: "ok", todo: null };
  };
}
