import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { cached } from "../../scripts/services/cache.ts";
import { startElasticsearch } from "../../scripts/services/elasticsearch.ts";
import { startKafka } from "../../scripts/services/kafka.ts";
import { accepts, freePort, portFor } from "../../scripts/services/port.ts";
import { startServer, type Service } from "../../scripts/services/process.ts";
import { checkReachable } from "../../scripts/services/unprivileged.ts";

const project = join(import.meta.dirname, "../..");

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "arachne-services-test-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function stoppedAtTheEnd<S extends Service>(service: S): S {
  onTestFinished(() => service.kill());
  return service;
}

/** Whether any process of the group is alive. */
function alive(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

function runNode(args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess & { printed: () => string } {
  const child = spawn(process.execPath, ["--import", "tsx", ...args], { cwd: project, env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  return Object.assign(child, { printed: () => printed });
}

describe("a server's process", () => {
  test("goes with all that it has started when its parent is killed", async () => {
    const dir = await folder();
    const script = `import { startServer } from "./scripts/services/process.ts";
      const s = await startServer({ name: "s", command: "sh", args: ["-c", "sleep 600 & sleep 600"], cwd: "/", logFile: ${JSON.stringify(join(dir, "log"))}, ready: async () => true });
      console.log("pid", s.pid);`;
    const parent = runNode(["--input-type=module", "-e", script]);
    await expect.poll(parent.printed, { timeout: 30_000 }).toMatch(/pid \d+/);
    const group = Number(/pid (\d+)/.exec(parent.printed())?.[1]);
    expect(alive(group)).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(() => alive(group), { timeout: 30_000 }).toBe(false);
  });

  test("that ends at its start is told with the last lines of its log", async () => {
    const dir = await folder();
    const starting = startServer({
      name: "sick",
      command: "sh",
      args: ["-c", "echo the disk is full; exit 3"],
      cwd: dir,
      logFile: join(dir, "sick.log"),
      ready: () => Promise.resolve(false),
    });
    await expect(starting).rejects.toThrow(/^sick: ended before it was ready: see .*sick\.log, which ends with\nthe disk is full$/);
  });

  test("that does not get ready is ended", async () => {
    const dir = await folder();
    const server = {
      name: "slow",
      command: "sh",
      args: ["-c", `echo $$ > ${dir}/pid; sleep 600`],
      cwd: dir,
      logFile: join(dir, "slow.log"),
    };
    await expect(startServer({ ...server, ready: () => Promise.resolve(false), readySeconds: 1 })).rejects.toThrow(
      "slow: not ready within 1 s",
    );
    expect(alive(Number(await readFile(join(dir, "pid"), "utf8")))).toBe(false);
  });
});

describe("the cache of programs", () => {
  test("is filled once, whole, by two that come at the same time", async () => {
    const dir = await folder();
    vi.stubEnv("ARACHNE_SERVICES_DIR", dir);
    onTestFinished(() => void vi.unstubAllEnvs());
    let builds = 0;
    const build = async (into: string): Promise<void> => {
      builds++;
      await writeFile(join(into, "a"), "1");
      await expect.poll(() => builds).toBe(2);
      expect(existsSync(join(dir, "program"))).toBe(false);
      await writeFile(join(into, "b"), "2");
    };
    const paths = await Promise.all([cached("program", build), cached("program", build)]);
    expect(paths).toEqual([join(dir, "program"), join(dir, "program")]);
    expect(await readdir(join(dir, "program"))).toEqual(["a", "b"]);
    expect(await readdir(dir)).toEqual(["program"]);
    await cached("program", () => Promise.reject(new Error("built again")));
  });

  test("holds nothing of a download that broke off", async () => {
    const dir = await folder();
    vi.stubEnv("ARACHNE_SERVICES_DIR", dir);
    onTestFinished(() => void vi.unstubAllEnvs());
    const broken = cached("program", async (into) => {
      await writeFile(join(into, "a"), "1");
      throw new Error("connection lost");
    });
    await expect(broken).rejects.toThrow("connection lost");
    expect(await readdir(dir)).toEqual([]);
  });
});

test("a server of the same folder gets the port that it had; a port in use is refused", async () => {
  const dir = await folder();
  const first = await portFor("s", dir, undefined);
  expect(await portFor("s", dir, undefined)).toBe(first);
  const other = createServer().listen(first, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  await expect(portFor("s", dir, undefined)).rejects.toThrow(`s: listening on 127.0.0.1:${first}: something else does already`);
});

test("a folder that the unprivileged user cannot enter is refused by name", async () => {
  const dir = await folder(); // closed to others, as mkdtemp makes them
  await expect(checkReachable(dir, 65_534)).rejects.toThrow(`services: entering ${dir}: it is closed`);
  await expect(checkReachable(tmpdir(), 65_534)).resolves.toBeUndefined();
});

describe.skipIf(inject("elasticsearchUrl") === undefined)("with Java and Maven", () => {
  test("Elasticsearch has its documents and its address again after a kill", async () => {
    const dir = await folder();
    const first = stoppedAtTheEnd(await startElasticsearch({ dir, heap: "512m", quick: true }));
    const put = { method: "PUT", headers: { "content-type": "application/json" }, body: '{"kept":true}' };
    expect((await fetch(`${first.url}/things/_doc/1`, put)).status).toBe(201);
    await first.kill();
    expect(alive(first.pid)).toBe(false);
    const second = stoppedAtTheEnd(await startElasticsearch({ dir, heap: "512m", quick: true }));
    expect(second.url).toBe(first.url);
    expect(await (await fetch(`${second.url}/things/_doc/1`)).json()).toMatchObject({ _source: { kept: true } });
    await second.stop();
    expect(alive(second.pid)).toBe(false);
  });

  test("Kafka takes and gives messages, also those from before a kill", async () => {
    const dir = await folder();
    const first = stoppedAtTheEnd(await startKafka({ dir, quick: true }));
    const kafka = new Kafka({ brokers: [first.url], logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: "greetings", acks: -1, messages: [{ value: "xin chào" }] });
    await producer.disconnect();
    await first.kill();

    const second = stoppedAtTheEnd(await startKafka({ dir, quick: true }));
    expect(second.url).toBe(first.url);
    const consumer = kafka.consumer({ groupId: "g" });
    await consumer.connect();
    await consumer.subscribe({ topic: "greetings", fromBeginning: true });
    const value = await new Promise((resolve) => {
      void consumer.run({ eachMessage: async ({ message }) => resolve(message.value?.toString()) });
    });
    await consumer.disconnect();
    expect(value).toBe("xin chào");
  });

  test("npm run services says what to put into .env, and leaves nothing running after Ctrl-C", async () => {
    const dir = await folder();
    const [kafka, clickhouse] = [await freePort(), await freePort()];
    const ports = ["--kafka-port", String(kafka), "--clickhouse-port", String(clickhouse)];
    const services = runNode(["scripts/services/main.ts", "--only", "kafka,clickhouse", "--data", dir, ...ports]);
    await expect.poll(services.printed, { timeout: 120_000 }).toContain("Ctrl-C stops the servers");
    const settings = [`KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:${kafka}`, "CLICKHOUSE_HOST=127.0.0.1", `CLICKHOUSE_PORT=${clickhouse}`];
    expect(services.printed()).toContain(`\n${[...settings, "BDS_START_URL=demo"].join("\n")}\n`);
    expect(await accepts(kafka)).toBe(true);
    expect(await (await fetch(`http://127.0.0.1:${clickhouse}/?query=SELECT+1`)).text()).toBe("1\n");
    services.kill("SIGINT");
    const [code] = (await once(services, "exit")) as [number];
    expect(code).toBe(0);
    expect([await accepts(kafka), await accepts(clickhouse)]).toEqual([false, false]);
  });
});

test.each([
  ["kafka", "java: it is not on this machine: install Java 17 or newer"],
  ["clickhouse", "python3: it is not on this machine: install Python 3 with pip"],
])("npm run services names the tool that %s misses", async (only, missing) => {
  const args = ["scripts/services/main.ts", "--only", only, "--data", await folder()];
  const services = runNode(args, { PATH: "/nowhere", HOME: process.env["HOME"] });
  const [code] = (await once(services, "close")) as [number];
  expect(services.printed()).toContain(`error services: running ${missing}`);
  expect(code).toBe(2);
});
