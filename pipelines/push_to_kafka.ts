import { defineDelivery, openTopic, type Producer, type Topic } from "arachne";
import type { Listing } from "../domain/bds/listing.ts";

let topic: Topic;
let producer: Producer;

/** Sends listings to the topic that the speed layer reads, keyed by link. */
export default defineDelivery<Listing>({
  limits: () => ({ items: 500, ageSeconds: 0.2 }),
  async open(c) {
    topic = await openTopic(c.settings.BDS_TOPIC, c);
    producer = await topic.producer();
  },
  async deliver(batch, c) {
    const headers = { item: c.item.name, spider: c.spider, origin: batch.origin, crawl: batch.crawl.startedAt.toISOString() };
    const messages = batch.json.map((value, i) => ({ key: batch.keys[i]!, value, headers }));
    await producer.send(messages, { producer: `${c.spider}@${batch.crawl.startedAt.toISOString()}`, sequence: batch.to });
  },
  async close() {
    await producer[Symbol.asyncDispose]();
    await topic.close();
  },
});
