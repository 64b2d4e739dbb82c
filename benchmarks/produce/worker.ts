/** One side of one round, as its own process: `worker.ts ours|bare produce|consume URL TOPIC RECORDS`; prints what it took. */
import kafkajs from "kafkajs";
import type { Topic } from "../../src/core/topic.ts";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { BATCH, batchAt } from "./records.ts";

const [side, work, url, name, count] = process.argv.slice(2) as [string, string, string, string, string];
const records = Number(count);

const kafka = (): InstanceType<typeof kafkajs.Kafka> => new kafkajs.Kafka({ brokers: [url], logLevel: kafkajs.logLevel.NOTHING });
const open = (): Promise<Topic> =>
  openKafkaTopic(name, {
    brokers: [url],
    clientId: "bench",
    partitions: 3,
    replicationFactor: 1,
    retentionHours: 1,
    compression: "gzip",
    retrySeconds: 30,
    tls: false,
    caFile: undefined,
    sasl: undefined,
    log: { debug() {}, info() {}, warn: console.error, error: console.error },
  });

const runs: Record<string, () => Promise<() => Promise<void>>> = {
  async "ours produce"() {
    const producer = await (await open()).producer();
    return async () => {
      for (let at = 0; at < records; at += BATCH) await producer.send(batchAt(at, records));
      await producer[Symbol.asyncDispose]();
    };
  },
  async "bare produce"() {
    await open(); // makes the topic
    const producer = kafka().producer({ idempotent: true, createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    return async () => {
      for (let at = 0; at < records; at += BATCH)
        await producer.send({ topic: name, messages: batchAt(at, records), acks: -1, compression: kafkajs.CompressionTypes.GZIP });
      await producer.disconnect();
    };
  },
  async "ours consume"() {
    const topic = await open();
    return async () => {
      let seen = 0;
      let bytes = 0;
      for await (const batch of topic.consume({ group: `ours-${process.pid}`, signal: new AbortController().signal })) {
        for (const { key, value } of batch.messages) bytes += key.length + value.length;
        await batch.commit();
        if ((seen += batch.messages.length) >= records) break;
      }
      if (bytes < records * 1000) throw new Error(`only ${bytes} bytes`);
    };
  },
  async "bare consume"() {
    const consumer = kafka().consumer({ groupId: `bare-${process.pid}` });
    await consumer.connect();
    await consumer.subscribe({ topic: name, fromBeginning: true });
    return async () => {
      let seen = 0;
      let bytes = 0;
      await new Promise<void>((resolve, reject) => {
        consumer
          .run({
            eachBatch({ batch }) {
              for (const { key, value } of batch.messages) bytes += key!.toString().length + value!.toString().length;
              if ((seen += batch.messages.length) >= records) resolve();
              return Promise.resolve();
            },
          })
          .catch(reject);
      });
      await consumer.disconnect();
      if (bytes < records * 1000) throw new Error(`only ${bytes} bytes`);
    };
  },
};

const run = await runs[`${side} ${work}`]!();
const cpu = process.cpuUsage();
const began = performance.now();
await run();
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({ cpu: (user + system) / 1e6, wall: (performance.now() - began) / 1000, rss: process.resourceUsage().maxRSS / 1024 }),
);
process.exit(0); // kafkajs bare leaves a timer behind
