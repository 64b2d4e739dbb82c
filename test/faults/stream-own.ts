import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import type { StoredMessage, TopicMessage } from "../../src/core/topic.ts";
import { streamProject } from "../app/stream-process.ts";
import { barsOf, randomTicks, tickMessage, type Tick } from "../app/stream-ticks.ts";
import { contents, optionsOf } from "../services/kafka-broker.ts";
import { seeded } from "./kills.ts";
import { compare } from "./stream-figures.ts";
import { documents, place, type System, type SystemOptions } from "./stream-systems.ts";

const POISON = 0.01;
const notJson = (message: TopicMessage): TopicMessage => ({ ...message, value: message.value.slice(0, -1) });

/** Windows of a minute over eight symbols' ticks, served after each batch; some ticks are late, some messages are no ticks. */
export async function barsSystem(url: string, alias: string, options: SystemOptions): Promise<System> {
  const random = seeded(options.seed);
  const lanes = [0, 1, 2, 3].map((n) =>
    randomTicks(options.seed + n, Math.ceil(options.count / 4)).map((t): Tick => ({ ...t, id: `${t.id}.${n}`, symbol: `${t.symbol}${n}` })),
  );
  const messages = lanes[0]!.flatMap((_, i) =>
    lanes.flatMap((lane) => {
      const message = tickMessage(lane[i]!);
      return random() < POISON ? [notJson(message), message] : [message];
    }),
  );
  const { topic, env, send, letters } = await place(options, messages);
  return {
    stream: "bars",
    dir: streamProject().dir,
    env: { ...env, STREAM_TOPIC: topic, STREAM_ALIAS: alias, ELASTICSEARCH_URL: url, BARS_OUTPUT: "update", ...options.env },
    messages,
    send,
    async figures() {
      const rows = await documents(url, alias, ["symbol", "window_start"]);
      return compare({ rows, ...(await barsIn(topic, options.kafka)), letters: await letters() });
    },
  };
}

/** Counted apart from the code under test. What is late follows from the ticks of the same partition before it. */
async function barsIn(name: string, kafka: string) {
  const poison: { reason: string; value: Buffer }[] = [];
  const expected = new Map<string, object>();
  const topic = await openKafkaTopic(name, optionsOf(kafka));
  const partitions = new Map<number, StoredMessage[]>();
  for (const message of await contents(topic)) {
    const { partition = 0 } = message;
    if (!partitions.has(partition)) partitions.set(partition, []);
    partitions.get(partition)!.push(message);
  }
  await topic.close();
  for (const messages of partitions.values()) {
    const ticks = messages.flatMap(({ value }) => (value.endsWith("}") ? [JSON.parse(value) as Tick] : []));
    const { open, closed, late } = barsOf(ticks);
    for (const [key, bar] of Object.entries({ ...open, ...closed })) expected.set(key, bar);
    const isLate = new Set(late);
    for (const { value } of messages) {
      const reason = !value.endsWith("}") ? "not_json" : isLate.has((JSON.parse(value) as Tick).id) ? "late" : undefined;
      if (reason !== undefined) poison.push({ reason, value: Buffer.from(value) });
    }
  }
  return { expected, poison };
}

const SPOTS = `
import { z } from "zod";
import { defineItem, defineStream, intoServing } from "arachne";
const Spot = defineItem({ name: "spot", key: ["id"], schema: z.object({ id: z.string().min(1), location: z.string().meta({ search: "geo_point" }), at: z.iso.datetime() }) });
export default defineStream({ topic: process.env.STREAM_TOPIC, item: Spot, into: { serving: intoServing({ alias: process.env.STREAM_ALIAS, item: Spot, version: "at" }) } });
`;

/** Documents of which an Elasticsearch refuses every fiftieth: it stands nowhere on Earth. */
export async function spotsSystem(url: string, alias: string, options: SystemOptions): Promise<System> {
  const random = seeded(options.seed);
  const messages: TopicMessage[] = [];
  const expected = new Map<string, object>();
  const poison: { reason: string; value: Buffer }[] = [];
  for (let n = 0; n < options.count; n++) {
    const at = new Date(Date.UTC(2026, 10, 1) + n * 1000).toISOString();
    const spot = { id: `s${n}`, location: n % 50 === 7 ? "somewhere" : `10.${n % 1000},106.7`, at };
    const message = { key: spot.id, value: JSON.stringify(spot) };
    const sent = random() < POISON ? notJson(message) : message;
    messages.push(sent);
    const reason = sent !== message ? "not_json" : n % 50 === 7 ? "refused_by_store" : undefined;
    if (reason === undefined) expected.set(spot.id, spot);
    else poison.push({ reason, value: Buffer.from(sent.value) });
  }
  const { topic, env, send, letters } = await place(options, messages);
  const project = streamProject();
  project.write("streams/spots.ts", SPOTS);
  return {
    stream: "spots",
    dir: project.dir,
    env: { ...env, STREAM_TOPIC: topic, STREAM_ALIAS: alias, ELASTICSEARCH_URL: url, STREAM_BATCH_MESSAGES: "200", ...options.env },
    messages,
    send,
    figures: async () => compare({ rows: await documents(url, alias, ["id"]), expected, letters: await letters(), poison }),
  };
}
