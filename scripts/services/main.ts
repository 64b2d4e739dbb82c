/**
 * `npm run services`: real servers on 127.0.0.1 for those without Docker. docs/services.md
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { ArachneError, describeError } from "../../src/core/errors.ts";
import { cacheDir } from "./cache.ts";
import { CLICKHOUSE_VERSION } from "./chdb.ts";
import { startClickHouse } from "./clickhouse.ts";
import { ELASTICSEARCH_VERSION, startElasticsearch } from "./elasticsearch.ts";
import { KAFKA_VERSION, startKafka } from "./kafka.ts";
import type { Service } from "./process.ts";
import { SPARK_VERSION, startSparkConnect } from "./spark.ts";
import { checkReachable, unprivilegedUser } from "./unprivileged.ts";

interface Options {
  with?: readonly string[];
  only?: readonly string[];
  data?: string;
  kafkaPort: number;
  elasticsearchPort: number;
  clickhousePort: number;
  sparkPort: number;
  heap: string;
  throughput: boolean;
}

const SERVERS = ["kafka", "elasticsearch", "clickhouse", "spark"] as const;
type Server = (typeof SERVERS)[number];
const TITLES: Record<Server, string> = {
  kafka: `Kafka ${KAFKA_VERSION}`,
  elasticsearch: `Elasticsearch ${ELASTICSEARCH_VERSION}`,
  clickhouse: `ClickHouse ${CLICKHOUSE_VERSION}`,
  spark: `Spark Connect ${SPARK_VERSION}`,
};

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function list(value: string): string[] {
  const names = value.split(",");
  const unknown = names.find((name) => !(SERVERS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`${unknown} is none of ${SERVERS.join(", ")}`);
  return names;
}

function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) throw new InvalidArgumentError("a port is a number from 1 to 65535");
  return number;
}

async function dataFolder(given: string | undefined): Promise<string> {
  if (given !== undefined) return resolve(given);
  const usual = resolve("data/services");
  mkdirSync(usual, { recursive: true });
  try {
    await checkReachable(usual, unprivilegedUser());
    return usual;
  } catch {
    const other = "/var/lib/arachne/services";
    say(`data goes to ${other}: Elasticsearch does not run as root, and ${usual} is closed to other users`);
    return other;
  }
}

async function main(options: Options): Promise<void> {
  const quick = !options.throughput;
  const wanted = SERVERS.filter((name) => (options.only ?? ["kafka", "elasticsearch", ...(options.with ?? [])]).includes(name));
  const data = await dataFolder(options.data);
  const start: Record<Server, () => Promise<Service>> = {
    kafka: () => startKafka({ dir: join(data, "kafka"), port: options.kafkaPort, quick, say }),
    elasticsearch: () =>
      startElasticsearch({ dir: join(data, "elasticsearch"), port: options.elasticsearchPort, heap: options.heap, quick, say }),
    clickhouse: () => startClickHouse({ dir: join(data, "clickhouse"), port: options.clickhousePort, say }),
    spark: () => startSparkConnect({ dir: join(data, "spark"), port: options.sparkPort, say }),
  };

  const running = new Map<Server, Service>();
  let signalled: number | undefined;
  const stopAll = (): Promise<unknown> => Promise.all([...running.values()].map((service) => service.stop()));
  const interrupted = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => {
        if (signalled !== undefined && Date.now() - signalled < 1000) return; // npm may pass on what the terminal has sent us already
        if (signalled !== undefined || running.size < wanted.length) process.exit(130); // whoever runs now is ended by its watchdog
        signalled = Date.now();
        resolve(signal);
      });
  });

  say(`starting ${wanted.map((name) => TITLES[name]).join(", ")}: data in ${data}, programs in ${cacheDir()}`);
  const began = Date.now();
  const results = await Promise.allSettled(
    wanted.map(async (name) => {
      running.set(name, await start[name]());
      say(`${name} is ready after ${Math.round((Date.now() - began) / 1000)} s`);
    }),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) {
    await stopAll();
    throw failed.reason;
  }
  process.stdout.write(`${instructions(running)}\n`);
  const died = [...running].map(([name, service]) => service.ended.then(() => name));
  const first = await Promise.race([interrupted, ...died]);
  if (first !== "SIGINT" && first !== "SIGTERM" && first !== "SIGHUP") {
    say(`${first} has ended by itself: stopping the others; its log is in ${join(data, first)}`);
    process.exitCode = 1;
  } else say(`${first}: stopping (again to stop at once)`);
  await stopAll();
  say("stopped");
}

function instructions(running: ReadonlyMap<Server, Service>): string {
  const url = (name: Server): string | undefined => running.get(name)?.url;
  const settings: string[] = [];
  const commands = ["npm run crawl bds_spider && npm run batch"];
  if (running.has("kafka")) settings.push(`KAFKA_BOOTSTRAP_SERVERS=${url("kafka")}`);
  if (running.has("elasticsearch")) {
    settings.push(`ELASTICSEARCH_URL=${url("elasticsearch")}`);
    const filter = "scheme:63_provinces+AND+property_type:all";
    commands.push(`curl '${url("elasticsearch")}/batdongsan_stats_province/_search?q=${filter}&sort=listings:desc&size=3&pretty'`);
  }
  if (running.has("clickhouse")) {
    const { hostname, port } = new URL(url("clickhouse")!);
    settings.push(`CLICKHOUSE_HOST=${hostname}`, `CLICKHOUSE_PORT=${port}`);
    const counts = "SELECT+event_type,count()+FROM+stream_events+GROUP+BY+event_type+FORMAT+PrettyCompact";
    commands.push(
      "npm run sample:events && npx arachne stream run stream_events --until-end",
      `curl '${url("clickhouse")}/?query=${counts}'`,
    );
  }
  if (running.has("spark")) settings.push("BATCH_ENGINE=spark", `SPARK_REMOTE=${url("spark")}`);
  settings.push("BDS_START_URL=demo");
  return [
    "",
    "Put this into .env, or export it:",
    "",
    ...settings,
    "",
    "Then, in another terminal:",
    "",
    ...commands,
    "",
    "Ctrl-C stops the servers; their data stays. Without those settings the embedded ones are used again.",
  ].join("\n");
}

const command = new Command("npm run services --")
  .description(
    "Starts Kafka and Elasticsearch on 127.0.0.1, from Maven's jars. Needs Java 17 and Maven (ClickHouse, Spark: Python 3 with pip).",
  )
  .option("--with <servers>", "further ones: clickhouse, spark", list)
  .option("--only <servers>", `only these of ${SERVERS.join(", ")}`, list)
  .option("--data <folder>", "where their data and logs go; default: data/services")
  .option("--kafka-port <port>", "", port, 9092)
  .option("--elasticsearch-port <port>", "", port, 9200)
  .option("--clickhouse-port <port>", "of HTTP", port, 8123)
  .option("--spark-port <port>", "", port, 15_002)
  .option("--heap <size>", "Elasticsearch's memory in Java; it takes about half as much again", "1g")
  .option("--throughput", "Java compiles thoroughly: a slower start, and large loads at 1.4 times the rate", false)
  .allowExcessArguments(false)
  .exitOverride()
  .action(main);
try {
  await command.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(error instanceof ArachneError ? `error ${error.message}\n` : `error ${describeError(error)}\n`);
    process.exitCode = error instanceof ArachneError ? error.exitCode : 1;
  }
}
process.exit();
