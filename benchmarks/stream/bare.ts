import { createClient } from "@clickhouse/client";
import { Client } from "@elastic/elasticsearch";
import kafkajs from "kafkajs";
import { Record } from "./record.ts";
import type { Side, Sink, Turn } from "./worker.ts";

type Write = (records: readonly Record[]) => Promise<unknown>;

/** What one writes by hand: kafkajs's `eachBatch` as it is, JSON.parse, the store's client; kafkajs commits after each batch. */
export const bare: Side = async (sink, turn) => {
  const kafka = new kafkajs.Kafka({ brokers: [turn.kafka], logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: turn.group });
  await consumer.connect();
  await consumer.subscribe({ topic: turn.topic, fromBeginning: true });
  const write = writeInto(sink, turn);
  return async () => {
    let seen = 0;
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          async eachBatch({ batch }) {
            const records = batch.messages.map(({ value }) => JSON.parse(value!.toString()) as Record);
            await write(records).catch(reject);
            if ((seen += records.length) >= turn.records) resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    await write([]);
  };
};

function writeInto(sink: Sink, { clickhouse, elasticsearch, target }: Turn): Write {
  if (sink === "clickhouse") {
    const client = createClient({ url: clickhouse, keep_alive: { enabled: false } });
    return async (records) => {
      if (records.length === 0) return client.close();
      // ClickHouse of 2018 reads no ISO times, and no false decimals; these are what it takes.
      const values = records.map((record) => ({ ...record, at: record.at.slice(0, 19).replace("T", " ") }));
      return client.insert({ table: target, values, format: "JSONEachRow" });
    };
  }
  if (sink === "elasticsearch") {
    const client = new Client({ node: elasticsearch });
    return async (records) => {
      if (records.length === 0) return client.close();
      const { errors } = await client.bulk({
        operations: records.flatMap((record) => [
          { index: { _index: target, _id: record.id, version: Date.parse(record.at), version_type: "external_gte" as const } },
          record,
        ]),
      });
      if (errors) throw new Error("some documents failed");
    };
  }
  let sum = 0;
  return (records) => {
    for (const { price } of records) sum += price ?? 0;
    if (records.length === 0) process.stderr.write(`sum ${sum}\n`);
    return Promise.resolve();
  };
}
