import { existsSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { cached, type Say } from "./cache.ts";
import { addFoldingAnalysis } from "./elasticsearch-analysis.ts";
import { unpackZip } from "./maven.ts";
import { portFor } from "./port.ts";
import { QUICK_JAVA, startServer, type Service } from "./process.ts";
import { javaHome } from "./tools.ts";
import { checkReachable, ownedFolder, unprivilegedUser } from "./unprivileged.ts";

export const ELASTICSEARCH_VERSION = "8.19.21";

export interface ElasticsearchOptions {
  /** Data, configuration and logs. */
  dir: string;
  /** Default: the one it had in this folder, or a free one. */
  port?: number;
  /** Of Java, for example 512m; as much again is used outside it. */
  heap?: string;
  /** See `QUICK_JAVA`. */
  quick?: boolean;
  say?: Say;
}

/**
 * Elasticsearch as Elastic builds it for tests of plugins (Maven's `integ-test-zip`): without security, X-Pack, scripts, ingest and Kibana's system
 * indices, and `GET /` answers 405; of analysis-common it has what `addFoldingAnalysis` adds. https://central.sonatype.com/artifact/org.elasticsearch.distribution.integ-test-zip/elasticsearch
 * @throws SettingsError `service_tool_missing` without Java 17 or Maven.
 */
export async function startElasticsearch({ dir, port, heap = "1g", quick = false, say }: ElasticsearchOptions): Promise<Service> {
  const java = await javaHome();
  const distribution = await cached(`elasticsearch-${ELASTICSEARCH_VERSION}-folding`, async (into) => {
    say?.(`elasticsearch: downloading ${ELASTICSEARCH_VERSION} with Maven, 107 MB, once`);
    await unpackZip(
      { group: "org.elasticsearch.distribution.integ-test-zip", artifact: "elasticsearch", version: ELASTICSEARCH_VERSION },
      into,
    );
    await addFoldingAnalysis(join(into, `elasticsearch-${ELASTICSEARCH_VERSION}`), ELASTICSEARCH_VERSION, java);
  });
  const home = join(distribution, `elasticsearch-${ELASTICSEARCH_VERSION}`);
  const base = resolve(dir);
  await mkdir(base, { recursive: true });
  const http = await portFor("elasticsearch", base, port);
  const uid = unprivilegedUser();
  await writeConfig(home, base, http, [`-Xms${heap}`, `-Xmx${heap}`, ...(quick ? [QUICK_JAVA] : [])]);
  for (const folder of [base, "config", "data", "logs", "tmp"]) await ownedFolder(resolve(base, folder), uid);
  for (const path of [home, java, base]) await checkReachable(path, uid);

  const url = `http://127.0.0.1:${http}`;
  const server = await startServer({
    name: "elasticsearch",
    command: join(home, "bin/elasticsearch"),
    args: [],
    cwd: base,
    env: {
      ES_JAVA_HOME: java,
      ES_PATH_CONF: join(base, "config"),
      ES_TMPDIR: join(base, "tmp"),
      HOME: base,
      CLI_JAVA_OPTS: launcherOptions(base),
    },
    logFile: join(base, "elasticsearch.log"),
    ready: () => isHealthy(url),
    ...(uid === undefined ? {} : { uid }),
  });
  return { ...server, url };
}

/** Of the Java that starts Elasticsearch's own: it leaves a folder behind at every start, in the machine's temporary one unless told otherwise. */
function launcherOptions(base: string): string {
  const dir = join(base, "tmp");
  return /\s/.test(dir) ? QUICK_JAVA : `${QUICK_JAVA} -Djava.io.tmpdir=${dir}`; // the script splits them at spaces
}

async function writeConfig(home: string, base: string, port: number, java: readonly string[]): Promise<void> {
  const config = join(base, "config");
  if (!existsSync(config)) await cp(join(home, "config"), config, { recursive: true });
  const lines = [
    "cluster.name: arachne",
    "node.name: arachne",
    "network.host: 127.0.0.1",
    `http.port: ${port}`,
    "transport.port: 0",
    "discovery.type: single-node",
    "xpack.security.enabled: false",
    // A disk that is 95 % full is no reason to refuse writes on a developer's machine.
    "cluster.routing.allocation.disk.threshold_enabled: false",
    `path.data: ${JSON.stringify(join(base, "data"))}`,
    `path.logs: ${JSON.stringify(join(base, "logs"))}`,
  ];
  await writeFile(join(config, "elasticsearch.yml"), `${lines.join("\n")}\n`);
  await mkdir(join(config, "jvm.options.d"), { recursive: true });
  await writeFile(join(config, "jvm.options.d/heap.options"), `${java.join("\n")}\n`);
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=5s`, { signal: AbortSignal.timeout(10_000) })).ok;
  } catch {
    return false;
  }
}
