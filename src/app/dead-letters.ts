import type { Context } from "../core/context.ts";
import { RejectedError } from "../core/errors.ts";
import { deadTopic, isReplayedMark, letterId, readLetter, toLetter } from "../core/stream-dead.ts";
import type { Poison } from "../core/stream-decode.ts";
import type { Producer, StoredMessage, Topic, TopicMessage } from "../core/topic.ts";
import { Stopped } from "./stream-retry.ts";
import { openTopic } from "./topics.ts";

export interface SetAside {
  readonly message: StoredMessage;
  readonly poison: Poison;
  /** The sink that refused it. */
  readonly sink?: string | undefined;
}

export interface DeadLetters extends AsyncDisposable {
  /** A consumer begins with a partition: what it meets there, another (or a run that was killed) may have met before. */
  begin(consumer: string, partition: number): void;
  /**
   * Resolves when they are durable. Those that were already sent before are not sent again.
   * @param check asked once that is known, which takes a while, and what it throws is thrown: see `MessageBatch.check`
   */
  send(letters: readonly SetAside[], consumer: string, check?: () => Promise<void>): Promise<void>;
}

/** What a topic that takes no larger message is sent of it. */
const CUT_CHARACTERS = 100_000;
/** Messages of a partition that may have been under way when its consumer before was killed: the largest micro-batch, and as much again. */
const REPEATED = 200_000;

/** The dead letters of one topic, `<topic>.dead`; it appears with the first one. */
export function openDeadLetters(topicName: string, stream: string, c: Pick<Context, "settings" | "now" | "log" | "signal">): DeadLetters {
  let opened: Promise<{ topic: Topic; producer: Producer }> | undefined;
  /** Sinks send in turn: one that fails closes what all use. */
  let turn: Promise<unknown> = Promise.resolve();
  const starts = new Map<string, Start>();

  async function open(): Promise<{ topic: Topic; producer: Producer }> {
    const topic = await openTopic(deadTopic(topicName), c, topicName);
    return { topic, producer: await topic.producer() };
  }

  /** Where a consumer met its first letter of a partition since it began there, and which letters from there on stand in the topic already. */
  async function startOf(topic: Topic, consumer: string, partition: number, offset: number): Promise<Start> {
    const key = `${consumer}/${partition}`;
    let start = starts.get(key);
    if (start === undefined) {
      start = { offset, sent: await sentFrom(topic, topicName, partition, offset, c.signal) };
      if (c.signal.aborted) throw new Stopped(); // the search ended early
      starts.set(key, start);
    }
    return start;
  }

  async function unsent(topic: Topic, letters: readonly SetAside[], consumer: string): Promise<SetAside[]> {
    const fresh: SetAside[] = [];
    const ids = new Set<string>();
    for (const letter of [...letters].sort((a, b) => a.message.offset - b.message.offset)) {
      const { partition = 0, offset } = letter.message;
      const start = await startOf(topic, consumer, partition, offset);
      if (offset > start.offset + REPEATED) start.sent.clear();
      const id = letterId(letter.message, topicName, stream, letter.sink);
      if (start.sent.has(id) || ids.has(id)) continue; // a batch that was gathered while the group was shared out anew may hold it twice
      ids.add(id);
      fresh.push(letter);
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

  /** What failed is opened anew by the next try, which looks first for what has got through all the same. */
  async function close(): Promise<void> {
    const used = await opened?.catch(() => undefined);
    opened = undefined;
    starts.clear();
    await used?.producer[Symbol.asyncDispose]();
    await used?.topic.close();
  }

  async function sendAll(letters: readonly SetAside[], consumer: string, check: () => Promise<void>): Promise<void> {
    opened ??= open();
    const { topic, producer } = await opened;
    const fresh = await unsent(topic, letters, consumer);
    await check();
    const messages = fresh.map(({ message, poison, sink }) => toLetter(message, topicName, poison, stream, sink));
    try {
      await producer.send(messages);
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      for (const message of messages) await sendOne(producer, message);
    }
    for (const { message, sink } of fresh)
      starts.get(`${consumer}/${message.partition ?? 0}`)?.sent.add(letterId(message, topicName, stream, sink));
  }

  async function send(...given: Parameters<typeof sendAll>): Promise<void> {
    try {
      await sendAll(...given);
    } catch (error) {
      await close().catch(() => undefined); // a producer that could not send says so again as it is closed
      throw error;
    }
  }

  return {
    begin: (consumer, partition) => void starts.delete(`${consumer}/${partition}`),
    async send(letters, consumer, check = () => Promise.resolve()) {
      const mine = turn.catch(() => undefined).then(() => send(letters, consumer, check));
      turn = mine;
      await mine;
    },
    [Symbol.asyncDispose]: close,
  };
}

interface Start {
  offset: number;
  sent: Set<string>;
}

/** Ids of the letters in the topic that come from a partition's messages at an offset or behind it, as far as they are asked for. */
async function sentFrom(dead: Topic, origin: string, partition: number, offset: number, signal: AbortSignal): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const batch of dead.read({ signal }))
    for (const message of batch) {
      const letter = readLetter(message);
      if (letter === undefined || isReplayedMark(message) || letter.origin.topic !== origin) continue;
      const { origin: from, id } = letter;
      if (from.partition === partition && from.offset >= offset && from.offset <= offset + REPEATED) ids.add(id);
    }
  return ids;
}
