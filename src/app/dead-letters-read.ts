import type { Context } from "../core/context.ts";
import { ArachneError, SettingsError } from "../core/errors.ts";
import { deadTopic, isReplayedMark, readLetter, type DeadLetter } from "../core/stream-dead.ts";
import { placesOf } from "../core/stream.ts";
import type { StoredMessage, Topic } from "../core/topic.ts";
import type { Project } from "./project.ts";
import { openTopic, topicNames } from "./topics.ts";

export interface LetterFilter {
  reason?: string | undefined;
  stream?: string | undefined;
  /** Of the origin. Default: the topics of all streams of the project. */
  topic?: string | undefined;
}

export interface FoundLetter {
  readonly letter: DeadLetter;
  /** In the dead-letter topic. */
  readonly message: StoredMessage;
  readonly replayed: boolean;
}

type Access = Pick<Context, "settings" | "now" | "log" | "signal">;

/** The topics that dead letters may come from: the one that is named, or those of the project's streams. */
export async function originTopics(project: Project, { topic, stream }: LetterFilter, c: Access): Promise<string[]> {
  if (topic !== undefined) return [topic];
  const names = stream === undefined ? project.names("streams") : [stream];
  const topics = new Set<string>();
  for (const name of names) topics.add(placesOf(name, await project.load("streams", name), c).topic);
  return [...topics].sort();
}

/**
 * The letters of one topic, oldest first, each once: after a crash one may stand there twice. What was put back is told by marks that
 * stand behind the letters, so the topic is read twice; values are held one batch at a time.
 */
export async function* readLetters(origin: string, filter: LetterFilter, c: Access): AsyncGenerator<FoundLetter> {
  const name = deadTopic(origin);
  // Opening an embedded topic would make it.
  if (c.settings.KAFKA_BOOTSTRAP_SERVERS === undefined && !topicNames(c.settings).includes(name)) return;
  const topic = await openTopic(name, c);
  try {
    const to = await topic.end();
    const replayed = await replayedIds(topic, to, c.signal);
    const seen = new Set<string>();
    for await (const batch of topic.read({ to, signal: c.signal }))
      for (const message of batch) {
        const letter = readLetter(message);
        if (letter === undefined || isReplayedMark(message) || seen.has(letter.id)) continue;
        seen.add(letter.id);
        if (filter.stream !== undefined && letter.stream !== filter.stream) continue;
        if (filter.reason !== undefined && letter.reason !== filter.reason) continue;
        yield { letter, message, replayed: replayed.has(letter.id) };
      }
  } finally {
    await topic.close();
  }
}

async function replayedIds(topic: Topic, to: string, signal: AbortSignal): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const batch of topic.read({ to, signal }))
    for (const message of batch) if (isReplayedMark(message)) ids.add(readLetter(message)?.id ?? "");
  return ids;
}

export interface LetterCount {
  readonly topic: string;
  readonly stream: string;
  readonly sink: string | undefined;
  readonly stage: string;
  readonly reason: string;
  letters: number;
  /** Of them, put back. */
  replayed: number;
  /** Id of the first that was not put back, to look at; else of the first. */
  example: string;
  /** Milliseconds since 1970: when its message was written. */
  latest: number;
}

/** How many letters there are, by where and why. */
export async function countLetters(project: Project, filter: LetterFilter, c: Access): Promise<LetterCount[]> {
  const counts = new Map<string, LetterCount>();
  for (const topic of await originTopics(project, filter, c))
    for await (const { letter, replayed } of readLetters(topic, filter, c)) {
      const { stream, sink, stage, reason, origin, id } = letter;
      const key = JSON.stringify([topic, stream, sink, stage, reason]);
      let entry = counts.get(key);
      if (entry === undefined) {
        entry = { topic, stream, sink, stage, reason, letters: 0, replayed: 0, example: id, latest: origin.time };
        counts.set(key, entry);
      }
      if (!replayed && entry.letters === entry.replayed) entry.example = id;
      entry.letters++;
      if (replayed) entry.replayed++;
      entry.latest = Math.max(entry.latest, origin.time);
    }
  return [...counts.values()].sort((a, b) => b.letters - a.letters);
}

/** @throws SettingsError `dead_letter_id`; ArachneError `no_dead_letter` */
export async function findLetter(id: string, c: Access): Promise<FoundLetter> {
  const [, topic] = /^(.+)\/\d+\/-?\d+\/[^/]+@-?\d+$/.exec(id) ?? [];
  if (topic === undefined)
    throw new SettingsError(
      "dead_letter_id",
      `deadletters: ${JSON.stringify(id)} is no letter's id: \`arachne deadletters list\` has some`,
    );
  for await (const found of readLetters(topic, {}, c)) if (found.letter.id === id) return found;
  throw new ArachneError(
    "no_dead_letter",
    `deadletters: there is no letter ${id} in ${deadTopic(topic)}: it may have been older than the topic keeps`,
  );
}
