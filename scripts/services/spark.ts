import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { cacheDir, cached, type Say } from "./cache.ts";
import { accepts, freePort, portFor } from "./port.ts";
import { QUICK_JAVA, startServer, type Service } from "./process.ts";
import { javaHome, run } from "./tools.ts";

export const SPARK_VERSION = "4.0.1";
const ARCHIVE = `pyspark-${SPARK_VERSION}.tar.gz`;

export interface SparkOptions {
  /** Logs, and what Spark spills. */
  dir: string;
  port?: number;
  /** Default: in the server's own process, on two cores. */
  master?: string;
  /** Of the server, for example 2g. */
  memory?: string;
  conf?: Readonly<Record<string, string>>;
  /** See `QUICK_JAVA`. */
  quick?: boolean;
  say?: Say;
}

/** A Spark Connect server; `url` is sc://host:port, as SPARK_REMOTE wants it. It reads and writes this machine's files as our own user. */
export async function startSparkConnect({
  dir,
  port,
  master = "local[2]",
  memory = "2g",
  conf = {},
  quick = false,
  say,
}: SparkOptions): Promise<Service> {
  const env = await sparkEnvironment(say);
  const base = resolve(dir);
  await mkdir(base, { recursive: true });
  const grpc = await portFor("spark connect", base, port);
  const settings: Record<string, string> = {
    "spark.connect.grpc.binding.port": String(grpc),
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.warehouse.dir": join(base, "warehouse"),
    "spark.local.dir": join(base, "tmp"),
    ...(quick ? { "spark.driver.extraJavaOptions": QUICK_JAVA, "spark.executor.extraJavaOptions": QUICK_JAVA } : {}),
    ...conf,
  };
  const server = await startServer({
    name: "spark connect",
    command: join(env.SPARK_HOME, "bin/spark-submit"),
    args: [
      "--class",
      "org.apache.spark.sql.connect.service.SparkConnectServer",
      "--master",
      master,
      "--driver-memory",
      memory,
      ...Object.entries(settings).flatMap(([name, value]) => ["--conf", `${name}=${value}`]),
      "spark-internal",
    ],
    cwd: base,
    env,
    logFile: join(base, "spark-connect.log"),
    ready: () => accepts(grpc),
  });
  return { ...server, url: `sc://127.0.0.1:${grpc}` };
}

export interface SparkClusterOptions {
  dir: string;
  /** Of the Connect server. */
  port?: number;
  /** Of the worker. */
  cores?: number;
  /** Of the worker's executor. */
  memory?: string;
  /** See `QUICK_JAVA`. */
  quick?: boolean;
  say?: Say;
}

export interface SparkCluster extends Service {
  readonly master: Service;
  readonly worker: Service;
}

/** A standalone master, a worker and a Connect server that runs its queries there. `stop` and `kill` end all three. */
export async function startSparkCluster({
  dir,
  port,
  cores = 2,
  memory = "1g",
  quick = false,
  say,
}: SparkClusterOptions): Promise<SparkCluster> {
  const master = await startMaster(dir, say);
  const started: Service[] = [master];
  try {
    const worker = await startWorker(dir, master.url, cores, say);
    started.unshift(worker);
    const connect = await startSparkConnect({
      dir: join(dir, "connect"),
      master: master.url,
      memory: "1g",
      conf: { "spark.executor.memory": memory },
      quick,
      ...(port === undefined ? {} : { port }),
      ...(say === undefined ? {} : { say }),
    });
    started.unshift(connect);
    const all = async (end: "stop" | "kill"): Promise<void> => {
      for (const service of started) await service[end](); // the Connect server first: a driver that loses its master complains for minutes
    };
    return { ...connect, master, worker, stop: () => all("stop"), kill: () => all("kill") };
  } catch (error) {
    await Promise.all(started.map((service) => service.kill()));
    throw error;
  }
}

async function startMaster(dir: string, say: Say | undefined): Promise<Service> {
  const base = resolve(dir, "master");
  const port = await portFor("spark master", base, undefined);
  const args = ["--host", "127.0.0.1", "--port", String(port), "--webui-port", String(await freePort())];
  const server = await startDaemon("master", "org.apache.spark.deploy.master.Master", args, base, () => accepts(port), say);
  return { ...server, url: `spark://127.0.0.1:${port}` };
}

async function startWorker(dir: string, master: string, cores: number, say: Say | undefined): Promise<Service> {
  const base = resolve(dir, "worker");
  const port = await portFor("spark worker", base, undefined);
  const own = ["--host", "127.0.0.1", "--port", String(port), "--webui-port", String(await freePort())];
  const args = [...own, "--cores", String(cores), "--memory", "3g", "--work-dir", join(base, "work"), master];
  const server = await startDaemon("worker", "org.apache.spark.deploy.worker.Worker", args, base, () => accepts(port), say);
  return { ...server, url: `spark://127.0.0.1:${port}` };
}

async function startDaemon(
  name: string,
  main: string,
  args: readonly string[],
  base: string,
  ready: () => Promise<boolean>,
  say: Say | undefined,
): Promise<Omit<Service, "url">> {
  const env = await sparkEnvironment(say);
  const command = join(env.SPARK_HOME, "bin/spark-class");
  const rest = { SPARK_MASTER_OPTS: "-Dspark.master.rest.enabled=false", SPARK_DAEMON_MEMORY: "256m", SPARK_DAEMON_JAVA_OPTS: QUICK_JAVA };
  return startServer({
    name: `spark ${name}`,
    command,
    args: [main, ...args],
    cwd: base,
    env: { ...env, ...rest },
    logFile: join(base, `${name}.log`),
    ready,
  });
}

async function sparkEnvironment(say: Say | undefined): Promise<Record<"SPARK_HOME" | "JAVA_HOME" | "SPARK_LOCAL_IP" | "LC_ALL", string>> {
  const java = await javaHome();
  const spark = await cached(`spark-${SPARK_VERSION}`, (into) => download(into, say));
  return { SPARK_HOME: spark, JAVA_HOME: java, SPARK_LOCAL_IP: "127.0.0.1", LC_ALL: "C.UTF-8" }; // without a locale Java knows no letters
}

/** PyPI's pyspark holds all of Spark in its folder deps/. An archive that already lies in the cache is taken as it is. */
async function download(into: string, say: Say | undefined): Promise<void> {
  const there = join(cacheDir(), ARCHIVE);
  const folder = await mkdtemp(join(cacheDir(), ".pyspark-"));
  try {
    if (!existsSync(there)) {
      say?.(`spark: downloading pyspark ${SPARK_VERSION} with pip, 434 MB, once`);
      const show = process.stderr.isTTY;
      await run("python3", ["-m", "pip", "download", ...(show ? [] : ["-q"]), "--no-deps", "--dest", folder, `pyspark==${SPARK_VERSION}`], {
        show,
      });
    }
    say?.("spark: unpacking");
    const archive = existsSync(there) ? there : join(folder, ARCHIVE);
    await run("tar", ["-xzf", archive, "-C", into, "--no-same-owner", "--strip-components=2", `pyspark-${SPARK_VERSION}/deps`]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
