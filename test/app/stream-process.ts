import { join } from "node:path";
import { createProject, start, type Running, type TestProject } from "../cli/project.ts";
import { openEmbeddedTopic } from "../../src/topics/embedded.ts";
import type { StoredMessage, TopicMessage } from "../../src/core/topic.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";

const OFFERS = `
import { z } from "zod";
import { defineItem, defineStream, intoServing } from "arachne";
const Offer = defineItem({ name: "offer", key: ["id"], schema: z.object({ id: z.string().min(1), n: z.int(), at: z.iso.datetime(), note: z.string().nullable() }) });
const serving = intoServing({ alias: process.env.STREAM_ALIAS ?? "offers", item: Offer, version: "at" });
const slow = { async open(c) {
  const inner = await serving.open(c);
  return {
    async write(entries) { await new Promise((next) => setTimeout(next, Number(process.env.SLOW_MS ?? 0))); return inner.write(entries); },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
} };
export default defineStream({ topic: process.env.STREAM_TOPIC ?? "t", item: Offer, into: { serving: slow } });
`;

const BARS = `
import { z } from "zod";
import { defineItem, defineStream, fold, intoServing, tumbling } from "arachne";
const Tick = defineItem({ name: "tick", key: ["id"], schema: z.object({ id: z.string(), symbol: z.string(), at: z.iso.datetime(), price: z.string(), size: z.number() }) });
const text = z.string();
const Bar = defineItem({ name: "bar", key: ["symbol", "window_start"], schema: z.object({ symbol: text, window_start: z.iso.datetime(), window_end: z.iso.datetime(),
  open: text, high: text, low: text, close: text, volume: text, mean: z.number(), trades: z.int() }) });
export default defineStream({
  topic: process.env.STREAM_TOPIC ?? "t", item: Tick, into: { bars: intoServing({ alias: process.env.STREAM_ALIAS ?? "bars", item: Bar }) },
  window: tumbling({ seconds: 60, time: "at", key: ["symbol"], latenessSeconds: 30, output: process.env.BARS_OUTPUT ?? "close", folds: {
    open: fold.first("price"), high: fold.max("price"), low: fold.min("price"), close: fold.last("price"),
    volume: fold.sum("size", { text: true }), mean: fold.mean("price", { places: 4 }), trades: fold.count() } }),
});
`;

const SETTINGS = `
import { defineSettings } from "arachne";
export default defineSettings({ values: { STREAM_BATCH_MESSAGES: 50, STREAM_MAX_MESSAGE_BYTES: 10_000, STREAM_MAX_AHEAD_SECONDS: 0 } });
`;

export interface StreamProject extends TestProject {
  send(messages: readonly TopicMessage[]): Promise<void>;
  read(topic: string): Promise<StoredMessage[]>;
  served(alias: string): Record<string, unknown>;
  /** `arachne stream run NAME …` as a process of its own. */
  stream(name: string, args: readonly string[], env?: Record<string, string>): Running;
}

/** A project with the streams `offers` and `bars`, both of the topic `t`. */
export function streamProject(): StreamProject {
  const project = createProject({ "streams/offers.ts": OFFERS, "streams/bars.ts": BARS, "settings.ts": SETTINGS });
  const open = (name: string) =>
    openEmbeddedTopic({ dir: join(project.dir, "data/topics"), name, retentionHours: 0, now: () => new Date() });
  return {
    ...project,
    async send(messages) {
      const topic = open("t");
      await using producer = await topic.producer();
      await producer.send(messages);
      await topic.close();
    },
    async read(name) {
      const topic = open(name);
      const all: StoredMessage[] = [];
      for await (const batch of topic.read({ signal: new AbortController().signal })) all.push(...batch);
      await topic.close();
      return all;
    },
    served(alias) {
      using db = readSqlite(join(project.dir, "data/serving.db"));
      const rows = db.all<{ key: string; document: string }>(`SELECT key, document FROM "${alias}@documents"`);
      return Object.fromEntries(rows.map(({ key, document }) => [key, JSON.parse(document) as unknown]));
    },
    stream: (name, args, env = {}) => start(project.dir, ["stream", "run", name, ...args], { env }),
  };
}
