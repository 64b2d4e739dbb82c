/**
 * `npm run bench clients [records] [rounds]`: our Kafka producer and consumer beside other clients for Node, on the records and with the guarantees of
 * `npm run bench produce`. The others are installed into a temporary folder: @platformatic/kafka (JavaScript), and node-rdkafka, built against the
 * system's librdkafka (`apt-get install librdkafka-dev g++ make python3`).
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startKafka } from "../scripts/services/kafka.ts";
import { median } from "./measure.ts";

const exec = promisify(execFile);
const kafkajs = fileURLToPath(import.meta.resolve("./produce/worker.ts"));
const others = fileURLToPath(import.meta.resolve("./clients/worker.ts"));
const SIDES = ["ours", "bare", "platformatic", "librdkafka"];

export default async function bench(args: readonly string[]): Promise<void> {
  const records = Number(args[0] ?? 200_000);
  const rounds = Number(args[1] ?? 3);
  const clients = await installed();
  const dir = await mkdtemp(join(tmpdir(), "arachne-bench-kafka-"));
  const broker = await startKafka({ dir, say: console.log });
  const cpu = new Map<string, number[]>();
  const measure = async (side: string, work: string, topic: string): Promise<void> => {
    const worker = side === "ours" || side === "bare" ? kafkajs : others;
    const { stdout } = await exec(process.execPath, ["--import", "tsx", worker, side, work, broker.url, topic, String(records), clients]);
    const one = JSON.parse(stdout) as { cpu: number; wall: number; rss: number };
    cpu.set(`${work}, ${side}`, [...(cpu.get(`${work}, ${side}`) ?? []), one.cpu]);
    console.log(`${work}, ${side}: ${one.cpu.toFixed(2)} CPU s, ${one.wall.toFixed(2)} s, ${one.rss.toFixed(0)} MB`);
  };
  try {
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? SIDES : SIDES.toReversed();
      // Ours makes the topic with its partitions, and what the others read; they add to it afterwards.
      await measure("ours", "produce", `records-${round}`);
      for (const side of order) await measure(side, "consume", `records-${round}`);
      for (const side of order) if (side !== "ours") await measure(side, "produce", `records-${round}`);
    }
  } finally {
    await broker.kill();
    await rm(dir, { recursive: true, force: true });
  }
  for (const [what, taken] of cpu)
    console.log(`${what}: ${Math.round(records / median(taken)).toLocaleString("en-US")} records a CPU second`);
}

/** The folder of the other clients; kept, as building one takes a minute. */
async function installed(): Promise<string> {
  const dir = join(tmpdir(), "arachne-bench-clients");
  if (existsSync(join(dir, "ready"))) return dir;
  console.log(`installing @platformatic/kafka and node-rdkafka into ${dir}`);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir);
  await writeFile(join(dir, "package.json"), JSON.stringify({ name: "clients", private: true }));
  await exec("npm", ["install", "--no-audit", "--no-fund", "@platformatic/kafka@1.35.0", "node-rdkafka@3.6.1"], {
    cwd: dir,
    env: { ...process.env, BUILD_LIBRDKAFKA: "0" },
  }).catch((cause: unknown) => {
    throw new Error("node-rdkafka was not built: apt-get install librdkafka-dev g++ make python3, then again", { cause });
  });
  await writeFile(join(dir, "ready"), "");
  return dir;
}
