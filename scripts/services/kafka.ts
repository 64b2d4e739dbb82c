import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { cached, type Say } from "./cache.ts";
import { copyJars } from "./maven.ts";
import { accepts, freePort, portFor } from "./port.ts";
import { QUICK_JAVA, startServer, type Service } from "./process.ts";
import { javaHome, run } from "./tools.ts";

export const KAFKA_VERSION = "4.4.0";

export interface KafkaOptions {
  dir: string;
  port?: number;
  version?: string;
  heap?: string;
  /** See `QUICK_JAVA`. */
  quick?: boolean;
  /** Put over our own, or beside them. */
  properties?: Readonly<Record<string, string>>;
  /** What the storage tool is given when it makes the folder, as `--add-scram` and its user. */
  formatArgs?: readonly string[];
  say?: Say;
}

/** One KRaft broker, which is its own controller; topics that are written to appear by themselves. `url` is host:port, as KAFKA_BOOTSTRAP_SERVERS wants it. */
export async function startKafka({
  dir,
  port,
  version = KAFKA_VERSION,
  heap = "512m",
  quick = false,
  properties = {},
  formatArgs = [],
  say,
}: KafkaOptions): Promise<Service> {
  const java = join(await javaHome(), "bin/java");
  const jars = await cached(`kafka-${version}`, (into) => {
    say?.(`kafka: downloading ${version} with Maven, 43 MB, once`);
    return copyJars(
      [
        { group: "org.apache.kafka", artifact: "kafka_2.13", version, without: ["org.apache.kafka:kafka-tools-api"] },
        { group: "org.slf4j", artifact: "slf4j-simple", version: "1.7.36" },
      ],
      into,
    );
  });
  const base = resolve(dir);
  await mkdir(base, { recursive: true });
  const broker = await portFor("kafka", base, port);
  const config = join(base, "server.properties");
  await writeFile(config, propertiesFile({ ...ownProperties(base, broker, await freePort()), ...properties }));
  const common = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", join(jars, "*")];
  if (!existsSync(join(base, "data/meta.properties")))
    await run(java, [
      "-Xmx256m",
      QUICK_JAVA,
      ...common,
      "kafka.tools.StorageTool",
      "format",
      "-t",
      "MkU3OEVBNTcwNTJENDM2Qg",
      "-c",
      config,
      ...formatArgs,
    ]);
  const server = await startServer({
    name: "kafka",
    command: java,
    args: [`-Xms${heap}`, `-Xmx${heap}`, "-XX:+UseSerialGC", ...(quick ? [QUICK_JAVA] : []), ...common, "kafka.Kafka", config],
    cwd: base,
    logFile: join(base, "kafka.log"),
    ready: () => accepts(broker),
  });
  return { ...server, url: `127.0.0.1:${broker}` };
}

/** One broker cannot replicate: whatever is replicated three times by default is once here. */
function ownProperties(base: string, broker: number, controller: number): Record<string, string> {
  return {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${broker}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "log.dirs": join(base, "data"),
    "num.partitions": "3",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "log.cleaner.dedupe.buffer.size": "2097152",
  };
}

function propertiesFile(values: Readonly<Record<string, string>>): string {
  return `${Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n")}\n`;
}
