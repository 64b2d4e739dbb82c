/** One side of one round, as its own process: `worker.ts ours|bare SINK '{…}'`; prints what it took. */
import { bare } from "./bare.ts";
import { ours } from "./ours.ts";

export interface Turn {
  kafka: string;
  topic: string;
  /** Messages to read, all of them written. */
  records: number;
  elasticsearch: string;
  clickhouse: string;
  /** Consumer group: a new one for each turn. */
  group: string;
  /** Index or table to write to. */
  target: string;
  /** A folder for what a side keeps. */
  dir: string;
}

export type Sink = "none" | "clickhouse" | "elasticsearch";

/** Connects, and gives the work to be measured: to the last record's write and commit. */
export type Side = (sink: Sink, turn: Turn) => Promise<() => Promise<void>>;

const [side, sink, json] = process.argv.slice(2) as [string, Sink, string];
const run = await (side === "ours" ? ours : bare)(sink, JSON.parse(json) as Turn);
const cpu = process.cpuUsage();
const began = performance.now();
await run();
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({ cpu: (user + system) / 1e6, wall: (performance.now() - began) / 1000, rss: process.resourceUsage().maxRSS / 1024 }),
);
process.exit(0); // kafkajs bare leaves a timer behind
