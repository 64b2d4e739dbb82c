import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { CLICKHOUSE_VERSION } from "../../scripts/services/chdb.ts";
import { ELASTICSEARCH_VERSION } from "../../scripts/services/elasticsearch.ts";
import { KAFKA_VERSION } from "../../scripts/services/kafka.ts";
import { SPARK_VERSION } from "../../scripts/services/spark.ts";
import settings from "../../settings.ts";
import { settingsSchema } from "../../src/core/settings-schema.ts";

interface ComposeService {
  image: string;
  restart?: string;
  ports?: string[];
  profiles?: string[];
  mem_limit?: string;
  volumes?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[]; interval: string; timeout: string; retries: number; start_period: string };
}

interface ComposeFile {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
}

const ROOT = join(import.meta.dirname, "../..");
const text = readFileSync(join(ROOT, "docker-compose.yml"), "utf8");
const { services, volumes } = parse(text, { merge: true }) as ComposeFile;
const each = Object.entries(services);
const SETTINGS = Object.keys({ ...settingsSchema.shape, ...settings.declare });

test("it has Kafka, Elasticsearch and Kibana, and ClickHouse and Spark under profiles", () => {
  const under = (profile?: string) => each.filter(([, { profiles }]) => profiles?.[0] === profile).map(([name]) => name);
  expect(under()).toEqual(["kafka", "elasticsearch", "kibana"]);
  expect(under("clickhouse")).toEqual(["clickhouse"]);
  expect(under("spark")).toEqual(["spark-master", "spark-worker", "spark-connect"]);
});

test("images are those of the versions that the tests run on, and Kibana's is Elasticsearch's", () => {
  expect(Object.fromEntries(each.map(([name, { image }]) => [name, image]))).toEqual({
    kafka: `apache/kafka:${KAFKA_VERSION}`,
    elasticsearch: `docker.elastic.co/elasticsearch/elasticsearch:${ELASTICSEARCH_VERSION}`,
    kibana: `docker.elastic.co/kibana/kibana:${ELASTICSEARCH_VERSION}`,
    clickhouse: `clickhouse/clickhouse-server:${CLICKHOUSE_VERSION}`,
    "spark-master": `apache/spark:${SPARK_VERSION}`,
    "spark-worker": `apache/spark:${SPARK_VERSION}`,
    "spark-connect": `apache/spark:${SPARK_VERSION}`,
  });
});

test.each(each)("%s is bound to this machine, bounded, restarted, and says whether it is well", (_, service) => {
  for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  expect(service.mem_limit).toMatch(/^\d+[mg]$/);
  expect(service.restart).toBe("unless-stopped");
  expect(service.healthcheck?.test).toHaveLength(2);
  expect(Object.keys(service.healthcheck ?? {}).sort()).toEqual(["interval", "retries", "start_period", "test", "timeout"]);
  for (const { condition } of Object.values(service.depends_on ?? {})) expect(condition).toBe("service_healthy");
});

test("what would be lost with a container stands in a volume that is declared", () => {
  const named = ["kafka", "elasticsearch", "kibana", "clickhouse"].map((name) => services[name]?.volumes?.[0]?.split(":")[0]);
  expect(named).toEqual(Object.keys(volumes));
});

test("the ports are those that .env.example names", () => {
  const example = readFileSync(join(ROOT, ".env.example"), "utf8");
  for (const [, { ports = [] }] of each) for (const port of ports) expect(example).toContain(port.split(":").slice(0, 2).join(":"));
});

test("it asks for no name that .env could not hold, and knows no password", () => {
  // Arachne refuses unknown names in .env, which compose reads too; the shell gives the other two.
  const wanted = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!);
  expect(wanted.filter((name) => !SETTINGS.includes(name) && name !== "PWD" && name !== "UID")).toEqual([]);
  const named = [...text.matchAll(/^#.*$/gm)].flatMap(([line]) => [...line.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => name));
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((name) => !SETTINGS.includes(name))).toEqual([]);
  for (const [, { environment = {} }] of each)
    for (const name of Object.keys(environment)) expect(name).not.toMatch(/password|secret|api_?key|token/i);
});

const composes = [["docker", "compose"], ["docker-compose"]] as const;
const compose = composes.find(([command, ...args]) => spawnSync(command, [...args, "version"]).status === 0);

test.skipIf(compose === undefined)("docker compose config takes it", () => {
  const [command, ...args] = compose!;
  const env = { ...process.env, PWD: ROOT, COMPOSE_PROFILES: "clickhouse,spark" };
  const { status, stdout, stderr } = spawnSync(command, [...args, "config"], { cwd: ROOT, encoding: "utf8", env });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(Object.keys((parse(stdout) as ComposeFile).services).sort()).toEqual(Object.keys(services).toSorted());
});
