import kafkajs, { type Message, type Producer as KafkaProducer } from "kafkajs";
import { CriticalError, RejectedError, TransientError } from "../../core/errors.ts";
import type { Producer, ProducerMark, TopicMessage } from "../../core/topic.ts";
import { connectTo } from "./client.ts";
import { isOutOfSequence, kafkaError } from "./errors.ts";
import type { KafkaOptions } from "./options.ts";
import { byKey } from "./partitioner.ts";
import { chunks, encode, type Encoded } from "./records.ts";

interface Sending extends Encoded {
  resolve(): void;
  reject(error: Error): void;
}

/**
 * An idempotent producer, acks=all. One request is under way at a time: kafkajs takes a failed request's sequence numbers
 * back, and a request that waited behind it would be sent under the same numbers and dropped by the broker as a repetition,
 * with a success. What comes meanwhile goes out together in the next requests.
 */
export async function createProducer(topic: string, maxMessageBytes: number, options: KafkaOptions): Promise<Producer> {
  let current: Promise<KafkaProducer> | undefined;
  const queue: Sending[] = [];
  let running: Promise<void> | undefined;
  let closed = false;
  const unacknowledged = new Map<unknown, number>();

  async function connect(): Promise<KafkaProducer> {
    const producer = connectTo(options).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: byKey,
    });
    try {
      await producer.connect();
    } catch (error) {
      void producer.disconnect().catch(() => {});
      throw error;
    }
    return producer;
  }

  /** After a failure nobody knows which of its numbers the broker has seen: the next request goes out under a new producer id. */
  function forget(): void {
    void current?.then((producer) => producer.disconnect()).catch(() => {});
    current = undefined;
  }

  async function transmit(messages: Message[], again = true): Promise<void> {
    try {
      current ??= connect();
      const producer = await current;
      await producer.send({ topic, messages, acks: -1, compression: compressionOf(options) });
    } catch (error) {
      forget();
      if (again && isOutOfSequence(error)) return transmit(messages, false);
      throw kafkaError(`sending ${messages.length} messages to topic ${topic}`, error, options);
    }
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const lone = queue.findIndex((s) => s.alone);
      const group = queue.splice(0, lone === 0 ? 1 : lone < 0 ? queue.length : lone);
      try {
        for (const chunk of chunks(group, maxMessageBytes)) await transmit(chunk);
        for (const sending of group) sending.resolve();
      } catch (error) {
        for (const sending of group) sending.reject(error as Error);
      }
    }
    running = undefined;
  }

  current = connect();
  await current.catch((error: unknown) => {
    throw kafkaError(`connecting a producer of topic ${topic}`, error, options);
  });

  return {
    async send(messages, mark) {
      if (closed)
        throw new CriticalError("kafka_producer_closed", `kafka: sending to topic ${topic}: the producer is closed: open another`);
      if (messages.length === 0) return;
      const batch = batchOf(messages, mark);
      unacknowledged.set(batch, messages.length);
      await new Promise<void>((resolve, reject) => {
        queue.push({ ...encode(messages, maxMessageBytes), resolve, reject });
        running ??= drain();
      }).catch((error: unknown) => {
        // It can never be taken: whoever sent it has been told, and waiting for it would be for ever.
        if (error instanceof RejectedError) unacknowledged.delete(batch);
        throw error;
      });
      unacknowledged.delete(batch);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await running;
      await current?.then((producer) => producer.disconnect()).catch(() => {});
      const missing = [...unacknowledged.values()].reduce((sum, n) => sum + n, 0);
      if (missing > 0)
        throw new TransientError(
          "kafka_unacknowledged",
          `kafka: closing the producer of topic ${topic}: ${missing} messages were sent but not acknowledged: send them again`,
        );
    },
  };
}

/** The same batch sent again is known by its mark, or by being the same array. */
function batchOf(messages: readonly TopicMessage[], mark: ProducerMark | undefined): unknown {
  return mark === undefined ? messages : `${mark.producer} ${mark.sequence}`;
}

function compressionOf({ compression }: KafkaOptions): number {
  return compression === "gzip" ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None;
}
