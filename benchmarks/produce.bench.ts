/**
 * `npm run bench produce [records] [rounds]`: our Kafka producer beside a bare kafkajs one with the same guarantees
 * (idempotent, acks=all, gzip, batches of 500), our consume loop beside a bare eachBatch loop that commits each batch;
 * 1 kB records, three partitions, alternating, each run its own process. Goals: 80 % and 70 % of bare, in records a CPU second.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startKafka } from "../scripts/services/kafka.ts";
import { median } from "./measure.ts";

interface Taken {
  cpu: number;
  wall: number;
  rss: number;
}

const exec = promisify(execFile);
const worker = fileURLToPath(import.meta.resolve("./produce/worker.ts"));

export default async function bench(args: readonly string[]): Promise<void> {
  const records = Number(args[0] ?? 200_000);
  const rounds = Number(args[1] ?? 4);
  const dir = await mkdtemp(join(tmpdir(), "arachne-bench-kafka-"));
  const broker = await startKafka({ dir, say: console.log });
  const taken = new Map<string, Taken[]>();
  const measure = async (side: string, work: string, topic: string): Promise<void> => {
    const { stdout } = await exec(process.execPath, ["--import", "tsx", worker, side, work, broker.url, topic, String(records)]);
    const one = JSON.parse(stdout) as Taken;
    taken.set(`${side} ${work}`, [...(taken.get(`${side} ${work}`) ?? []), one]);
    console.log(`${side} ${work}: ${one.cpu.toFixed(2)} CPU s, ${one.wall.toFixed(2)} s, ${one.rss.toFixed(0)} MB`);
  };
  try {
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? ["ours", "bare"] : ["bare", "ours"];
      for (const side of order) await measure(side, "produce", `${side}-${round}`);
      for (const side of order) await measure(side, "consume", `bare-${round}`);
    }
  } finally {
    await broker.kill();
    await rm(dir, { recursive: true, force: true });
  }
  for (const work of ["produce", "consume"]) {
    const rate = (side: string): number => records / median(taken.get(`${side} ${work}`)!.map((t) => t.cpu));
    const peak = (side: string): number => Math.max(...taken.get(`${side} ${work}`)!.map((t) => t.rss));
    console.log(
      `${work}: ours ${Math.round(rate("ours")).toLocaleString("en-US")} records a CPU second (${peak("ours").toFixed(0)} MB), bare ${Math.round(rate("bare")).toLocaleString("en-US")} (${peak("bare").toFixed(0)} MB): ${((100 * rate("ours")) / rate("bare")).toFixed(0)} %`,
    );
  }
}
