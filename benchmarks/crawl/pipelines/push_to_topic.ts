import { defineDelivery, openTopic, type Producer, type Topic } from "arachne";

let topic: Topic;
let producer: Producer;

export default defineDelivery({
  limits: () => ({ items: 100 }),
  async open(c) {
    topic = await openTopic("bench", c);
    producer = await topic.producer();
  },
  async deliver(batch) {
    await producer.send(
      batch.json.map((value, i) => ({ key: batch.keys[i]!, value })),
      { producer: `bench@${batch.crawl.startedAt.toISOString()}`, sequence: batch.to },
    );
  },
  async close() {
    await producer[Symbol.asyncDispose]();
    await topic.close();
  },
});
