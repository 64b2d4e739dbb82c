import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../core/context.ts";
import { ArachneError, SettingsError } from "../core/errors.ts";
import type { ItemType } from "../core/item.ts";
import { isDeadTopic } from "../core/stream-dead.ts";
import { offsetsText } from "../core/topic-offsets.ts";
import type { StoredMessage, TopicPosition } from "../core/topic.ts";
import { parseWellFormed } from "../core/well-formed.ts";
import { cannotWrite } from "../storage/atomic-file.ts";
import type { RunRecord } from "./former.ts";
import { goOn, lacksOf, type Lacks } from "./topic-held.ts";
import { askedRange, type TopicRange } from "./topic-range.ts";
import { listTopics, openTopic } from "./topics.ts";

export interface TopicReplay {
  topic: string;
  /** JSON lines, a message each; undefined when there was none. */
  file: string | undefined;
  rows: number;
  /** Messages of other kinds of items, which were left out. */
  others: number;
  /** By the messages' header `origin`; empty where none says. */
  origins: string[];
  /** Where it began, and where the next replay goes on. */
  from: TopicPosition;
  to: TopicPosition;
  /** The same for people. */
  range: string;
  /** What the published output holds of the topic and this replay did not read. */
  lacks: Lacks | undefined;
}

export interface ReplayPlace extends Pick<Context, "settings" | "now" | "signal" | "log"> {
  /** Where the file is written. */
  dir: string;
  view: string;
  item: ItemType;
  /** The topic where SOURCE_TOPIC names none; default: the only one. */
  usual?: string | undefined;
  /** By topic, where an earlier replay ended; undefined: as the settings ask. */
  since?: Readonly<Record<string, TopicPosition>> | undefined;
  /** By topic, from where to where the published output holds it: a replay that does not go on from there tells what it lacks of that. */
  held?: Pick<RunRecord, "starts" | "topics"> | undefined;
  /** By topic, what the settings ask for: found once, so that two views of one run see the same messages. */
  asked: Map<string, TopicRange>;
}

/**
 * A topic's messages as a file that an engine reads. A message that is no JSON object becomes an empty row, which the item's rules
 * reject by name: it is counted, and stops nothing.
 * @throws SettingsError `no_topic`, `source_range`, `mixed_sources`; ArachneError `incomplete_output` when the published output does not hold
 * the messages before
 */
export async function replayTopic({ dir, view, item, usual, since, held, asked, ...c }: ReplayPlace): Promise<TopicReplay> {
  const name = topicName(c.settings.SOURCE_TOPIC, usual, await listTopics(c));
  const goesOn = since?.[name];
  if (since !== undefined && goesOn === undefined)
    throw new ArachneError("incomplete_output", `batch: what is published was not made from the topic ${name}: run the full batch first`);
  const topic = await openTopic(name, c);
  const file = join(dir, `${view}.topic.jsonl`);
  const replay = { rows: 0, others: 0, origins: new Set<string>(), broken: 0, firstBroken: 0 };
  try {
    const range = asked.get(name) ?? (await askedRange(topic, c));
    asked.set(name, range);
    const { from, to } = goesOn === undefined ? { from: range.from ?? range.start, to: range.to } : goOn(topic, goesOn, range);
    await copy(goesOn === undefined && range.from === undefined ? undefined : topic.position(from), topic.position(to));
    c.signal.throwIfAborted();
    if (replay.broken > 0)
      c.log.warn(`${replay.broken} messages of ${name} are no JSON objects: they count as rows without fields`, {
        first: replay.firstBroken,
      });
    const origins = [...replay.origins].sort();
    if (origins.includes("demo") && origins.length > 1) throw mixed(name, origins);
    if (replay.rows === 0) await rm(file);
    const { rows, others } = replay;
    return {
      topic: name,
      file: rows === 0 ? undefined : file,
      rows,
      others,
      origins,
      from: topic.position(from),
      to: topic.position(to),
      range: `${offsetsText(from)} to ${offsetsText(to)}`,
      lacks: held === undefined ? undefined : lacksOf(topic, held, range),
    };
  } finally {
    await topic.close();
  }

  async function copy(from: TopicPosition | undefined, to: TopicPosition): Promise<void> {
    const out = await open(file, "w").catch((cause: unknown) => Promise.reject(cannotWrite(file, cause)));
    try {
      for await (const batch of topic.read({ from, to, signal: c.signal })) {
        const lines = batch.filter((m) => isOf(item, m)).map((m) => line(m));
        await out.writeFile(lines.join("")).catch((cause: unknown) => Promise.reject(cannotWrite(file, cause)));
        replay.rows += lines.length;
        replay.others += batch.length - lines.length;
      }
    } finally {
      await out.close();
    }
  }

  function line(message: StoredMessage): string {
    const origin = message.headers?.["origin"];
    if (origin !== undefined) replay.origins.add(origin);
    const text = objectText(message.value);
    if (text !== undefined) return `${text}\n`;
    if (replay.broken++ === 0) replay.firstBroken = message.offset;
    return "{}\n";
  }
}

function topicName(wanted: string | undefined, usual: string | undefined, known: readonly string[]): string {
  if (wanted === undefined && usual !== undefined && known.includes(usual)) return usual;
  const [only, ...others] = known.filter((name) => !isDeadTopic(name));
  if (wanted === undefined && only !== undefined && others.length === 0) return only;
  if (wanted !== undefined && known.includes(wanted)) return wanted;
  const there = known.length === 0 ? "there is none yet: run a crawl first" : `there are: ${known.join(", ")}`;
  throw new SettingsError(
    "no_topic",
    wanted === undefined
      ? `batch: name the topic to read with SOURCE_TOPIC; ${there}`
      : `batch: there is no topic ${wanted}: name another with SOURCE_TOPIC; ${there}`,
  );
}

function isOf(item: ItemType, { headers }: StoredMessage): boolean {
  return (headers?.["item"] ?? item.name) === item.name;
}

/**
 * A JSON object's text on one line; undefined: it is none. Written anew, as the stream reads it: engines refuse a whole file for a name that
 * stands twice in an object, or for half a surrogate pair.
 */
function objectText(text: string): string | undefined {
  try {
    const value = parseWellFormed(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    // A number beyond all doubles would come out as null, which many a field may be.
    return BEYOND.test(text) ? JSON.stringify(value, asText) : JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** An exponent of three digits, or that many digits. */
const BEYOND = /\de\+?\d{3}|\d{300}/i;

function asText(_: string, value: unknown): unknown {
  return value === Infinity || value === -Infinity ? String(value) : value;
}

function mixed(topic: string, origins: readonly string[]): SettingsError {
  return new SettingsError(
    "mixed_sources",
    `batch: the topic ${topic} holds items of ${origins.join(" and of ")}; demo and real ones never mix: push them to topics of their own, and name one with SOURCE_TOPIC`,
  );
}
