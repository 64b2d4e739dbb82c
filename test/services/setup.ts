import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startElasticsearch } from "../../scripts/services/elasticsearch.ts";
import type { Service } from "../../scripts/services/process.ts";
import { startSparkConnect } from "../../scripts/services/spark.ts";
import { describeError, SettingsError } from "../../src/core/errors.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A real Elasticsearch, shared by all test files: use random index names. */
    elasticsearchUrl: string | undefined;
    /** A real Spark Connect server that sees this machine's files, shared by all. */
    sparkRemote: string | undefined;
  }
}

const say = (line: string): void => console.log(line);

/** The real servers that test/services needs: those that the environment names, or our own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // One each, not one within the other: Elasticsearch's unprivileged user cannot enter a temporary folder of ours.
  const dirs = [await mkdtemp(join(tmpdir(), "arachne-elasticsearch-")), await mkdtemp(join(tmpdir(), "arachne-spark-"))] as const;
  const started: Service[] = [];
  const own = async (start: Promise<Service>): Promise<string | undefined> => {
    try {
      const service = await start;
      started.push(service);
      return service.url;
    } catch (error) {
      if (!(error instanceof SettingsError) || error.code !== "service_tool_missing") throw error;
      say(`tests on it are skipped: ${describeError(error)}`);
      return undefined;
    }
  };
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((service) => service.stop()));
    for (const dir of dirs) await rm(dir, { recursive: true, force: true });
  };
  const [elasticsearch, spark] = await Promise.allSettled([
    process.env["ARACHNE_TEST_ELASTICSEARCH_URL"] || own(startElasticsearch({ dir: dirs[0], heap: "512m", quick: true, say })),
    process.env["ARACHNE_TEST_SPARK_REMOTE"] || own(startSparkConnect({ dir: dirs[1], quick: true, say })),
  ]);
  if (elasticsearch.status === "fulfilled" && spark.status === "fulfilled") {
    project.provide("elasticsearchUrl", elasticsearch.value);
    project.provide("sparkRemote", spark.value);
    return stop;
  }
  await stop();
  throw [elasticsearch, spark].find((result) => result.status === "rejected")!.reason;
}
