import { join } from "node:path";
import type { StoredMessage, TopicMessage } from "../../src/core/topic.ts";
import { openEmbeddedTopic } from "../../src/topics/embedded.ts";
import { createProject, type TestProject } from "../cli/project.ts";

const OFFERS = `
import { z } from "zod";
import { defineItem, defineStream, intoClickHouse } from "arachne";
const Offer = defineItem({ name: "offer", key: ["id"], schema: z.object({ id: z.string().min(1), n: z.int(), at: z.iso.datetime(), note: z.string().nullable() }) });
export default defineStream({ topic: "t", item: Offer, into: {
  rows: intoClickHouse({ table: process.env.CLICKHOUSE_TABLE, item: Offer, time: "at", stamp: "processed_at", dedupWindow: 60 }) } });
`;

const SETTINGS = `
import { z } from "zod";
import { defineSettings } from "arachne";
export default defineSettings({ declare: { CLICKHOUSE_TABLE: z.string().optional() }, values: { STREAM_BATCH_MESSAGES: 100 } });
`;

export interface OffersProject extends TestProject {
  env: Record<string, string>;
  send(messages: readonly TopicMessage[]): Promise<void>;
  read(topic: string): Promise<StoredMessage[]>;
}

/** A project whose stream `offers` reads the embedded topic `t` into the table that CLICKHOUSE_TABLE names. */
export function offersProject(settings: Readonly<Record<string, string | number>> & { CLICKHOUSE_TABLE: string }): OffersProject {
  const project = createProject({ "streams/offers.ts": OFFERS, "settings.ts": SETTINGS });
  const open = (name: string) =>
    openEmbeddedTopic({ dir: join(project.dir, "data/topics"), name, retentionHours: 0, now: () => new Date() });
  return {
    ...project,
    env: Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
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
  };
}
