/**
 * One client's turn, as its own process: `worker.ts platformatic|librdkafka produce|consume URL TOPIC RECORDS DIR`, with the client installed in
 * DIR; prints what it took, all threads counted. The same records and guarantees as in produce/worker.ts.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BATCH, batchAt } from "../produce/records.ts";

const [side, work, url, topic, count, dir] = process.argv.slice(2) as [string, string, string, string, string, string];
const records = Number(count);
const { resolve } = createRequire(join(dir, "package.json"));

/** What is used of the clients, which are no dependencies of ours. */
interface Platformatic {
  stringSerializers: object;
  stringDeserializers: object;
  Producer: new (o: object) => {
    send(o: { messages: readonly object[]; acks: number; compression: string }): Promise<unknown>;
    close(): Promise<void>;
  };
  Consumer: new (o: object) => {
    consume(o: object): Promise<AsyncIterable<{ key: string; value: string }>>;
    close(force: boolean): Promise<void>;
  };
}
interface Handle {
  connect(): void;
  once(event: "ready", heard: () => void): void;
  on(event: "event.error", heard: (error: Error) => void): void;
}
interface Librdkafka {
  default: {
    Producer: new (o: object) => Handle & {
      setPollInterval(ms: number): void;
      produce(topic: string, partition: null, value: Buffer, key: string, time: null, opaque: null, headers: readonly object[]): void;
      flush(ms: number, done: (error: Error | null) => void): void;
      on(event: "delivery-report", heard: (error: Error | null) => void): void;
    };
    KafkaConsumer: new (
      o: object,
      topic: object,
    ) => Handle & {
      subscribe(topics: readonly string[]): void;
      consume(many: number, done: (error: Error | null, messages: readonly { key: Buffer; value: Buffer }[]) => void): void;
    };
  };
}
const client = async <T>(name: string): Promise<T> => (await import(pathToFileURL(resolve(name)).href)) as T;
const ready = (handle: Handle): Promise<void> =>
  new Promise((done, fail) => {
    handle.on("event.error", fail);
    handle.once("ready", done);
    handle.connect();
  });

/** Counts what came; true when that is all. */
const tally = () => {
  let seen = 0;
  let bytes = 0;
  return (key: string, value: string): boolean => {
    bytes += key.length + value.length;
    if (++seen === records && bytes < records * 1000) throw new Error(`only ${bytes} bytes`);
    return seen === records;
  };
};

const runs: Record<string, () => Promise<() => Promise<void>>> = {
  async "platformatic produce"() {
    const { Producer, stringSerializers } = await client<Platformatic>("@platformatic/kafka");
    const producer = new Producer({ clientId: "bench", bootstrapBrokers: [url], serializers: stringSerializers, idempotent: true });
    return async () => {
      for (let at = 0; at < records; at += BATCH)
        await producer.send({ messages: batchAt(at, records).map((m) => ({ topic, ...m })), acks: -1, compression: "gzip" });
      await producer.close();
    };
  },
  async "platformatic consume"() {
    const { Consumer, stringDeserializers } = await client<Platformatic>("@platformatic/kafka");
    const consumer = new Consumer({
      clientId: "bench",
      groupId: `p-${process.pid}`,
      bootstrapBrokers: [url],
      deserializers: stringDeserializers,
    });
    return async () => {
      const all = tally();
      for await (const { key, value } of await consumer.consume({ topics: [topic], mode: "earliest", autocommit: 1000 }))
        if (all(key, value)) break;
      await consumer.close(true);
    };
  },
  async "librdkafka produce"() {
    const { Producer } = (await client<Librdkafka>("node-rdkafka")).default;
    const producer = new Producer({
      "metadata.broker.list": url,
      "enable.idempotence": true,
      "compression.codec": "gzip",
      "compression.level": 1, // as ours
      "queue.buffering.max.messages": records + 1,
      dr_cb: true,
    });
    await ready(producer);
    producer.setPollInterval(20);
    return async () => {
      let acknowledged = 0;
      const all = new Promise<void>((done) =>
        producer.on("delivery-report", (error) => {
          if (error === null && ++acknowledged === records) done();
        }),
      );
      for (let at = 0; at < records; at += BATCH) {
        for (const { key, value, headers } of batchAt(at, records))
          producer.produce(
            topic,
            null,
            Buffer.from(value),
            key,
            null,
            null,
            Object.entries(headers).map(([k, v]) => ({ [k]: v })),
          );
        await new Promise(setImmediate);
      }
      await new Promise<void>((done, fail) => producer.flush(60_000, (error) => (error === null ? done() : fail(error))));
      await all;
    };
  },
  async "librdkafka consume"() {
    const { KafkaConsumer } = (await client<Librdkafka>("node-rdkafka")).default;
    const consumer = new KafkaConsumer(
      { "metadata.broker.list": url, "group.id": `l-${process.pid}` },
      { "auto.offset.reset": "earliest" },
    );
    await ready(consumer);
    return () =>
      new Promise((done, fail) => {
        const all = tally();
        consumer.subscribe([topic]);
        const more = (): void =>
          consumer.consume(BATCH, (error, messages) => {
            if (error !== null) fail(error);
            else if (messages.map(({ key, value }) => all(key.toString(), value.toString())).includes(true)) done();
            else more();
          });
        more();
      });
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
process.exit(0);
