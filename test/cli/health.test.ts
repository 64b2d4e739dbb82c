import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lookAtHealth, type Health, type HealthRow } from "../../src/app/health.ts";
import { openProject } from "../../src/app/project.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import { healthText } from "../../src/cli/health.ts";
import { openEmbeddedTopic } from "../../src/topics/embedded.ts";
import { openRunHistory } from "../../src/app/run-history.ts";
import { message, offer } from "../app/stream-place.ts";
import { streamProject } from "../app/stream-process.ts";
import { createProject, start, type Outcome, type TestProject } from "./project.ts";

interface Looked {
  health: Health;
  row: (check: string) => HealthRow | undefined;
}

const looked = (health: Health): Looked => ({ health, row: (check) => health.rows.find((row) => row.check === check) });

/** What `arachne health` finds there. */
async function look(project: TestProject, ...commandLine: string[]): Promise<Looked> {
  const opened = await openProject(project.dir);
  const resolved = resolveSettings({ root: opened.root, project: opened.settings, env: {}, commandLine });
  return looked(await lookAtHealth({ project: opened, resolved, log: quiet, now: () => new Date() }));
}

/** The command itself, as a process. */
async function arachneHealth(project: TestProject, env: Record<string, string> = {}, ...args: string[]): Promise<Outcome & Looked> {
  const outcome = await project.run(["health", "--json", ...args], { env });
  return { ...outcome, ...looked(JSON.parse(outcome.stdout || "null") as Health) };
}

const silent = (): void => undefined;
const quiet = { debug: silent, info: silent, warn: silent, error: silent };

/** Everything below a folder, but what projects in tests are made of, and what SQLite has beside a file that is open in this process. */
const files = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith("node_modules") && !/-(wal|shm)$/.test(name))
    .sort();

/** Accepts connections and never says a word; its port. */
async function silentServer(): Promise<number> {
  const server = createServer((socket) => void socket.on("error", () => undefined).resume());
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const JOB = `
import { defineJob } from "arachne";
export default defineJob({ run: () => Promise.reject(new Error("never")) });
`;

test("a project that has done nothing yet is well, and stays as it was", async () => {
  const project = streamProject();
  project.write("jobs/daily.ts", JOB);
  const before = files(project.dir);
  const { code, stderr, health, row } = await arachneHealth(project);
  expect({ code, stderr, state: health.state }).toEqual({ code: 0, stderr: "", state: "ok" });
  expect(health.rows.map(({ check }) => check)).toEqual([
    "topics",
    "serving",
    "engine",
    "stream.bars.bars",
    "stream.offers.serving",
    "dead letters",
    "job.daily",
    "processes",
    "disk",
  ]);
  expect(row("engine")!.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(row("stream.offers.serving")!.found).toBe("there is no topic t yet");
  expect(files(project.dir)).toEqual(before);
  const stdout = healthText(health);
  expect(stdout).toMatch(/^ok {4}topics {10,}embedded, nothing has been written yet\n/);
  expect(stdout).toMatch(/\n\nall is well\n$/);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("streams tell what they have yet to read, and what they have set aside", async () => {
  const project = streamProject();
  await project.send([message(offer(1)), message(offer(2)), { key: "p", value: "poison" }]);
  const before = files(project.dir);
  const waiting = await look(project);
  expect(waiting.row("stream.offers.serving")).toEqual({
    check: "stream.offers.serving",
    state: "warn",
    version: null,
    found: "3 messages of t to read, not running",
    todo: "start it: arachne up streaming, or arachne stream run offers",
  });
  expect(waiting.health.state).toBe("warn");
  expect(files(project.dir)).toEqual(before);

  await project.arachne("stream", "run", "offers", "--until-end");
  const read = await look(project);
  expect(read.row("stream.offers.serving")).toMatchObject({ state: "ok", found: "0 messages of t to read, not running" });
  expect(read.row("dead letters.t")).toMatchObject({ state: "warn", found: "1 message in t.dead, not put back" });
  await project.arachne("deadletters", "replay", "--all");
  expect((await look(project)).row("dead letters")).toMatchObject({ state: "ok" });
});

test("what a topic takes on the disk is told with what is not checkpointed yet", async () => {
  const project = createProject();
  const topic = openEmbeddedTopic({ dir: join(project.dir, "data/topics"), name: "u", retentionHours: 0, now: () => new Date() });
  await using producer = await topic.producer();
  await producer.send([{ key: "1", value: "x".repeat(1_000_000) }]);
  expect((await look(project)).row("topics")!.found).toMatch(/^embedded, 1 topic, 1\.\d MB$/);
  await topic.close();
});

test("a running stream whose breaker is open is told of, as long as it runs", async () => {
  const project = streamProject();
  project.write(
    "streams/sick.ts",
    `import { z } from "zod";
    import { defineItem, defineStream, TransientError } from "arachne";
    const Any = defineItem({ name: "any", key: ["id"], schema: z.object({ id: z.string() }) });
    const write = () => { throw new TransientError("down", "the sink is down"); };
    export default defineStream({ topic: "u", item: Any, into: { far: { open: async () => ({ write, [Symbol.asyncDispose]: async () => {} }) } } });`,
  );
  const running = project.stream("sick", ["-s", "STREAM_BREAKER_FAILURES=1"]);
  const topic = openEmbeddedTopic({ dir: join(project.dir, "data/topics"), name: "u", retentionHours: 0, now: () => new Date() });
  await using producer = await topic.producer();
  await producer.send([{ key: "1", value: '{"id":"1"}' }]);
  await topic.close();
  let seen = await look(project);
  while (seen.row("breaker.sick.far") === undefined) seen = await look(project);
  expect(seen.row("breaker.sick.far")).toEqual({
    check: "breaker.sick.far",
    state: "warn",
    version: null,
    found: "open, after 1 try that failed; the stream goes on trying",
    todo: "see why its sink fails: arachne logs sick",
  });
  expect(seen.row("stream.sick.far")).toMatchObject({ state: "ok", found: "1 message of u to read, 1 process" });
  expect(seen.row("process.stream.sick")).toMatchObject({ state: "ok" });
  expect((await look(project, "HEALTH_MAX_LAG=0")).row("stream.sick.far")).toMatchObject({ state: "warn" });

  running.kill("SIGKILL");
  await running.ended;
  const after = await look(project);
  expect(after.row("breaker.sick.far")).toBeUndefined();
  expect(after.row("process.stream.sick")).toBeUndefined();
});

test("the last run of each job counts, and a run whose process is gone", async () => {
  const project = createProject(Object.fromEntries(["good", "bad", "gone"].map((name) => [`jobs/${name}.ts`, JOB])));
  {
    using history = openRunHistory({ settings: { STATE_DIR: join(project.dir, "data/state") }, now: () => new Date() });
    history.begin({ job: "good", date: "2026-11-20", trigger: "manual" }).end({ state: "failed", error: "an old one" });
    history.begin({ job: "good", date: "2026-11-21", trigger: "manual" }).end({ state: "succeeded", rowsIn: 9, rowsOut: 1234 });
    history.begin({ job: "bad", date: "2026-11-21", trigger: "manual" }).end({ state: "failed", error: "the gate refused it" });
    history.begin({ job: "gone", date: "2026-11-21", trigger: "manual" });
  }
  const { health, row } = await look(project);
  expect(health.state).toBe("warn");
  expect(row("job.good")).toMatchObject({ state: "ok", found: expect.stringMatching(/^succeeded \d+ s ago, for 2026-11-21, 1,234 rows out$/) as string }); // prettier-ignore
  expect(row("job.bad")).toMatchObject({
    state: "warn",
    found: expect.stringMatching(/^failed .* the gate refused it$/) as string,
    todo: "run it again: arachne job run bad --date 2026-11-21",
  });
  // It is this test's own process that has the run: it lives, but it is no process of the project.
  expect(row("job.gone")).toMatchObject({ state: "warn", found: expect.stringContaining("its process is gone") as string });
});

test("what is broken is down: a store that is none, a stream's file that does not load", async () => {
  const project = createProject({ "streams/broken.ts": "export default 1 +;" });
  mkdirSync(join(project.dir, "data"));
  mkdirSync(join(project.dir, "data/topics"));
  const torn = "this is no database, but it is longer than a header of one: ".repeat(20);
  for (const file of ["data/serving.db", "data/topics/t.db"]) writeFileSync(join(project.dir, file), torn);
  const { health, row } = await look(project);
  expect(row("topics")).toMatchObject({ state: "down", found: expect.stringContaining("cannot read") as string });
  expect(health.state).toBe("down");
  expect(row("serving")).toMatchObject({ state: "down", found: expect.stringContaining("cannot read") as string });
  expect(row("stream.broken")).toMatchObject({ state: "down", todo: "correct streams/broken.ts" });
  expect(await project.arachne("health")).toMatchObject({ code: 1 });
  expect(healthText(health)).toMatch(/\ndown {2}stream\.broken .*\n(.*\n)+.*3 down, 0 to look at, \d well\n$/);
});

test("little free space is a warning", async () => {
  const { code, row } = await arachneHealth(createProject(), {}, "-s", "HEALTH_MIN_FREE_BYTES=9000000000000000");
  expect(code).toBe(0);
  expect(row("disk")).toMatchObject({ state: "warn", found: expect.stringMatching(/free at \.$/) as string });
});

test("services that take a connection and say nothing are down in time; their secrets are nowhere", async () => {
  const project = streamProject();
  const port = await silentServer();
  const secrets = { ELASTICSEARCH_PASSWORD: "s3cret-es", CLICKHOUSE_PASSWORD: "s3cret-ch", KAFKA_SASL_PASSWORD: "s3cret-kafka" };
  const env = {
    ...secrets,
    KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${port}`,
    KAFKA_SECURITY_PROTOCOL: "SASL_PLAINTEXT",
    KAFKA_SASL_USERNAME: "me",
    ELASTICSEARCH_URL: `http://127.0.0.1:${port}`,
    ELASTICSEARCH_USERNAME: "me",
    CLICKHOUSE_HOST: "127.0.0.1",
    CLICKHOUSE_PORT: String(port),
    SPARK_REMOTE: `sc://127.0.0.1:${port}/;token=s3cret-spark;use_ssl=false`,
  };
  const { code, stdout, stderr, health, row } = await arachneHealth(project, env, "-s", "HEALTH_TIMEOUT_SECONDS=1");
  expect(code).toBe(1);
  expect(stderr).toBe("");
  const todo = "see that it runs and answers; HEALTH_TIMEOUT_SECONDS gives it more time";
  for (const service of ["kafka", "elasticsearch", "clickhouse", "spark"])
    expect(row(service)).toEqual({ check: service, state: "down", version: null, found: "no answer within 1 s", todo });
  expect(row("stream.offers.serving")!.state).toBe("warn");
  expect(row("dead letters")!.state).toBe("warn");
  expect(health.rows.find(({ check }) => check === "engine")!.state).toBe("ok");
  expect(stdout).not.toContain("s3cret");
});

test("services that are not there are down at once, and nothing else is said", async () => {
  const project = streamProject();
  const env = {
    KAFKA_BOOTSTRAP_SERVERS: "127.0.0.1:1",
    ELASTICSEARCH_URL: "http://127.0.0.1:1",
    CLICKHOUSE_HOST: "127.0.0.1",
    CLICKHOUSE_PORT: "1",
    SPARK_REMOTE: "sc://127.0.0.1:1",
  };
  const { code, stderr, row } = await arachneHealth(project, env, "-s", "HEALTH_TIMEOUT_SECONDS=60");
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(row("kafka")!.found).toMatch(/^kafka: .*see that the brokers run.*ECONNREFUSED 127\.0\.0\.1:1$/);
  expect(row("elasticsearch")!.found).toMatch(/cannot be reached \(connect ECONNREFUSED 127\.0\.0\.1:1\): see that it runs/);
  expect(row("clickhouse")!.found).toMatch(/ECONNREFUSED/);
  expect(row("spark")!.found).toMatch(/cannot reach 127\.0\.0\.1:1/);
  expect(row("stream.offers.serving")).toMatchObject({ found: "its lag on t is not known", todo: "see what the row kafka says" });
  expect(existsSync(join(project.dir, "data"))).toBe(false);
});

test("a wrong setting is refused before anything is looked at", async () => {
  const { code, stderr } = await start(createProject().dir, ["health", "-s", "HEALTH_TIMEOUT_SECONDS=soon"]).ended;
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("HEALTH_TIMEOUT_SECONDS") as string });
});
