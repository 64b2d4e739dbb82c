import { deadTopic, isReplayedMark, readLetter } from "../core/stream-dead.ts";
import type { HealthContext } from "./health.ts";
import { LOOK_RETRY_SECONDS } from "./stream-lags.ts";
import { listTopics, openTopic } from "./topics.ts";

export interface WaitingLetters {
  /** That they come from. */
  readonly topic: string;
  /** Not put back. */
  readonly waiting: number;
  /** false: there was no time to read them all. */
  readonly all: boolean;
}

/** Reads the dead-letter topics that are there, side by side, as far as the time reaches. */
export async function countWaitingLetters(topics: readonly string[], c: HealthContext): Promise<WaitingLetters[]> {
  const settings = { ...c.settings, KAFKA_RETRY_SECONDS: LOOK_RETRY_SECONDS };
  const there = new Set(await listTopics({ ...c, settings })); // to open a topic is to make it
  return Promise.all(
    topics
      .filter((topic) => there.has(deadTopic(topic)))
      .map(async (topic) => {
        const waiting = await count(topic, { ...c, settings });
        return { topic, waiting, all: !c.signal.aborted };
      }),
  );
}

/** A letter may stand there twice after a crash, and its mark too. */
async function count(origin: string, c: HealthContext): Promise<number> {
  const topic = await openTopic(deadTopic(origin), c);
  try {
    const letters = new Set<string>();
    const replayed = new Set<string>();
    for await (const batch of topic.read({ signal: c.signal }))
      for (const message of batch) {
        const letter = readLetter(message);
        if (letter !== undefined) (isReplayedMark(message) ? replayed : letters).add(letter.id);
      }
    for (const id of replayed) letters.delete(id);
    return letters.size;
  } finally {
    await topic.close();
  }
}
