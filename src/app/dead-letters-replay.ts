import { join } from "node:path";
import type { Context } from "../core/context.ts";
import { deadTopic, replayedMark, toReplay, WINDOW_START } from "../core/stream-dead.ts";
import type { Producer } from "../core/topic.ts";
import { failpoint } from "../storage/failpoint.ts";
import { acquireLock } from "../storage/lock.ts";
import { originTopics, readLetters, type FoundLetter, type LetterFilter } from "./dead-letters-read.ts";
import type { Project } from "./project.ts";
import { remakeRows } from "./stream-remake.ts";
import { openTopic } from "./topics.ts";

export interface ReplayRequest extends Context {
  project: Project;
  filter: LetterFilter;
  /** One letter only. */
  id?: string | undefined;
  /** `refuser`: the messages are for the stream that set them aside, a sink's refusals for that sink alone. `everyone`: for all who read the topic. */
  to: "refuser" | "everyone";
}

export interface ReplayCounts {
  replayed: number;
  /** Put back before. */
  already: number;
  /** Of values that were cut, since the whole was too large for the topic. */
  cut: number;
}

const BATCH = 100;
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Puts dead letters back at the end of the topic that they came from, and marks each as put back, so that none is put back twice. After a
 * crash between the two, at most a batch is: what reads it must not mind, as it must not mind any message that comes twice.
 * A window's rows go back among those that wait for the sink.
 * @throws CriticalError `locked` while another replay runs
 */
export async function replayLetters(request: ReplayRequest): Promise<ReplayCounts> {
  const { project, filter, settings, now, signal } = request;
  const lock = acquireLock(join(settings.STATE_DIR, "deadletters.lock"), "a replay of dead letters", now());
  const counts: ReplayCounts = { replayed: 0, already: 0, cut: 0 };
  try {
    for (const topic of await originTopics(project, filter, request)) {
      await using target = await openReplay(topic, request);
      let waiting: FoundLetter[] = [];
      let bytes = 0;
      const flush = async (): Promise<void> => {
        await target.put(waiting);
        counts.replayed += waiting.length;
        waiting = [];
        bytes = 0;
      };
      for await (const found of readLetters(topic, filter, request)) {
        if (signal.aborted) break;
        if (request.id !== undefined && found.letter.id !== request.id) continue;
        if (found.replayed) counts.already++;
        else if (found.message.headers?.["cut"] !== undefined) counts.cut++;
        else {
          waiting.push(found);
          bytes += found.message.bytes?.byteLength ?? found.message.value.length;
        }
        if (waiting.length >= BATCH || bytes >= BATCH_BYTES) await flush();
      }
      await flush();
    }
    return counts;
  } finally {
    lock.release();
  }
}

interface Replay extends AsyncDisposable {
  put(letters: readonly FoundLetter[]): Promise<void>;
}

async function openReplay(topicName: string, request: ReplayRequest): Promise<Replay> {
  let opened: { origin: Producer; dead: Producer; close(): Promise<void> } | undefined;

  async function open(): Promise<NonNullable<typeof opened>> {
    const [origin, dead] = [await openTopic(topicName, request), await openTopic(deadTopic(topicName), request)];
    const producers = { origin: await origin.producer(), dead: await dead.producer() };
    return {
      ...producers,
      async close() {
        for (const producer of [producers.origin, producers.dead]) await producer[Symbol.asyncDispose]();
        await origin.close();
        await dead.close();
      },
    };
  }

  return {
    async put(letters) {
      if (letters.length === 0) return;
      opened ??= await open();
      const rows = letters.filter(({ letter }) => letter.headers[WINDOW_START] !== undefined);
      remakeRows(rows, request.settings.STATE_DIR);
      const messages = letters.filter((found) => !rows.includes(found));
      await opened.origin.send(messages.map(({ message, letter }) => toReplay(message, letter, request.to)));
      failpoint("replay_sent");
      await opened.dead.send(letters.map(({ message }) => replayedMark(message, request.now())));
    },
    async [Symbol.asyncDispose]() {
      await opened?.close();
    },
  };
}
