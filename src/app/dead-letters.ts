import type { Context } from "../core/context.ts";
import { RejectedError } from "../core/errors.ts";
import { deadTopic, isReplayedMark, letterId, readLetter, toLetter } from "../core/stream-dead.ts";
import type { Poison } from "../core/stream-decode.ts";
import type { Producer, StoredMessage, Topic, TopicMessage } from "../core/topic.ts";
import { openTopic } from "./topics.ts";

export interface SetAside {
  readonly message: StoredMessage;
  readonly poison: Poison;
  /** The sink that refused it. */
  readonly sink?: string | undefined;
}

export interface DeadLetters extends AsyncDisposable {
  /** Resolves when they are durable. Those that a run before a crash has already sent are not sent again. */
  send(letters: readonly SetAside[], consumer: string): Promise<void>;
}

/** What a topic that takes no larger message is sent of it. */
const CUT_CHARACTERS = 100_000;
/** Messages of a partition that may have been under way when an earlier run was killed: several micro-batches. */
const REPEATED = 50_000;

/** The dead letters of one topic, `<topic>.dead`; it appears with the first one. */
export function openDeadLetters(topicName: string, stream: string, c: Pick<Context, "settings" | "now" | "log" | "signal">): DeadLetters {
  let opened: Promise<{ topic: Topic; producer: Producer }> | undefined;
  const starts = new Map<string, Start>();

  async function open(): Promise<{ topic: Topic; producer: Producer }> {
    const topic = await openTopic(deadTopic(topicName), c);
    return { topic, producer: await topic.producer() };
  }

  /** Where a consumer met its first letter of a partition in this run, and which letters from there on stand in the topic already. */
  async function startOf(topic: Topic, consumer: string, partition: number, offset: number): Promise<Start> {
    const key = `${consumer}/${partition}`;
    let start = starts.get(key);
    if (start === undefined) {
      start = { offset, sent: await sentFrom(topic, topicName, partition, offset, c.signal) };
      starts.set(key, start);
    }
    return start;
  }

  async function unsent(topic: Topic, letters: readonly SetAside[], consumer: string): Promise<SetAside[]> {
    const fresh: SetAside[] = [];
    for (const letter of [...letters].sort((a, b) => a.message.offset - b.message.offset)) {
      const { partition = 0, offset } = letter.message;
      const start = await startOf(topic, consumer, partition, offset);
      if (offset > start.offset + REPEATED) start.sent.clear();
      if (!start.sent.has(letterId(letter.message, topicName, stream, letter.sink))) fresh.push(letter);
    }
    return fresh;
  }

  async function sendOne(producer: Producer, letter: TopicMessage): Promise<void> {
    try {
      await producer.send([letter]);
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      c.log.warn(`${stream}: a dead letter is too large for ${deadTopic(topicName)}: its value is cut`, {
        characters: letter.value.length,
      });
      const { bytes: _, ...text } = letter;
      await producer.send([{ ...text, value: letter.value.slice(0, CUT_CHARACTERS), headers: { ...letter.headers, cut: "true" } }]);
    }
  }

  return {
    async send(letters, consumer) {
      if (letters.length === 0) return;
      opened ??= open();
      const { topic, producer } = await opened.catch((error: unknown) => {
        opened = undefined; // the next try opens it anew
        throw error;
      });
      const fresh = await unsent(topic, letters, consumer);
      const messages = fresh.map(({ message, poison, sink }) => toLetter(message, topicName, poison, stream, sink));
      try {
        await producer.send(messages);
      } catch (error) {
        if (!(error instanceof RejectedError)) throw error;
        for (const message of messages) await sendOne(producer, message);
      }
    },
    async [Symbol.asyncDispose]() {
      const { topic, producer } = (await opened?.catch(() => undefined)) ?? {};
      await producer?.[Symbol.asyncDispose]();
      await topic?.close();
    },
  };
}

interface Start {
  offset: number;
  sent: Set<string>;
}

/** Ids of the letters in the topic that come from a partition's messages at or behind an offset. */
async function sentFrom(dead: Topic, origin: string, partition: number, offset: number, signal: AbortSignal): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const batch of dead.read({ signal }))
    for (const message of batch) {
      const letter = readLetter(message);
      if (letter === undefined || isReplayedMark(message) || letter.origin.topic !== origin) continue;
      if (letter.origin.partition === partition && letter.origin.offset >= offset) ids.add(letter.id);
    }
  return ids;
}
