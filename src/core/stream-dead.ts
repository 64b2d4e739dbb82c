import { Poison } from "./stream-decode.ts";
import type { StoredMessage, TopicMessage } from "./topic.ts";

/** Why and where a message was set aside. */
export interface DeadLetter {
  /** Its own, and the same when it stands there a second time; see `letterId`. */
  readonly id: string;
  readonly stream: string;
  /** The sink that refused it; undefined: it came as far as no sink. */
  readonly sink: string | undefined;
  readonly stage: string;
  readonly reason: string;
  readonly detail: string;
  /** Where it stood; `topic` is also where a replay puts it back. */
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: number; readonly time: number };
  /** Its headers there. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Header of a message that was put back: the stream (`name`) or the one sink (`name/sink`) that it is for. */
const REPLAY_TO = "replay_to";
/** … and how often it has been. */
const REPLAYS = "replays";
/** Header of the mark that a letter was replayed: ISO time. */
const REPLAYED = "replayed";

/** Header of a window's row that a sink refused: the window's start, milliseconds since 1970. Its offset is the row's number. */
export const WINDOW_START = "window_start";

export function deadTopic(topic: string): string {
  return `${topic}.dead`;
}

const DEAD_ENDING = /\.dead$/;

export function isDeadTopic(topic: string): boolean {
  return DEAD_ENDING.test(topic);
}

/** The letter as a message: the value and the key as they were. */
export function toLetter(message: StoredMessage, topic: string, poison: Poison, stream: string, sink?: string): TopicMessage {
  const { key, value, bytes, headers } = message;
  return {
    key,
    value,
    ...(bytes === undefined ? {} : { bytes }),
    headers: {
      reason: poison.reason,
      detail: poison.detail.slice(0, 2000),
      stage: poison.stage,
      stream,
      ...(sink === undefined ? {} : { sink }),
      origin_topic: topic,
      origin_partition: String(message.partition ?? 0),
      origin_offset: String(message.offset),
      origin_time: new Date(message.timestamp).toISOString(),
      ...(headers === undefined || Object.keys(headers).length === 0 ? {} : { headers: JSON.stringify(headers) }),
    },
  };
}

/**
 * `<topic>/<partition>/<offset>/<stream>`, of a sink's refusal with `.<sink>` behind it, then `@<time>`: the offsets of a topic that
 * was removed and made anew begin again.
 */
export function letterId(
  message: Pick<StoredMessage, "partition" | "offset" | "timestamp">,
  topic: string,
  stream: string,
  sink?: string,
): string {
  return `${topic}/${message.partition ?? 0}/${message.offset}/${stream}${sink === undefined ? "" : `.${sink}`}@${message.timestamp}`;
}

/** undefined: no letter of ours. */
export function readLetter({ headers = {} }: StoredMessage): DeadLetter | undefined {
  const { reason, stage, stream, sink, origin_topic: topic, origin_partition, origin_offset, origin_time } = headers;
  if (reason === undefined || stage === undefined || stream === undefined || topic === undefined) return undefined;
  const partition = Number(origin_partition);
  const offset = Number(origin_offset);
  const time = Date.parse(origin_time ?? "");
  return {
    id: letterId({ partition, offset, timestamp: time }, topic, stream, sink),
    stream,
    sink,
    stage,
    reason,
    detail: headers["detail"] ?? "",
    origin: { topic, partition, offset, time },
    headers: headers["headers"] === undefined ? {} : (JSON.parse(headers["headers"]) as Record<string, string>),
  };
}

/** What stands in the dead-letter topic once a letter was put back; it has the letter's headers, so the same id. */
export function replayedMark({ key, headers }: StoredMessage, at: Date): TopicMessage {
  return { key, value: "", headers: { ...headers, [REPLAYED]: at.toISOString() } };
}

export function isReplayedMark({ headers }: StoredMessage): boolean {
  return headers?.[REPLAYED] !== undefined;
}

/** The message as it was, for the stream that set it aside (and, of a refusal, for that sink alone), or for all who read the topic. */
export function toReplay({ key, value, bytes }: StoredMessage, letter: DeadLetter, to: "refuser" | "everyone"): TopicMessage {
  const { [REPLAY_TO]: _, ...headers } = letter.headers;
  const address = letter.sink === undefined ? letter.stream : `${letter.stream}/${letter.sink}`;
  return {
    key,
    value,
    ...(bytes === undefined ? {} : { bytes }),
    headers: {
      ...headers,
      [REPLAYS]: String(Number(headers[REPLAYS] ?? 0) + 1),
      ...(to === "refuser" ? { [REPLAY_TO]: address } : {}),
    },
  };
}

/** Whether it is for this sink alone, so that no other will ever see it. */
export function isForOneSink({ headers }: StoredMessage, stream: string, sink: string | undefined): boolean {
  return sink !== undefined && headers?.[REPLAY_TO] === `${stream}/${sink}`;
}

/** Whether a message is for this sink of this stream; most are for all. */
export function isAddressed({ headers }: StoredMessage, stream: string, sink: string | undefined): boolean {
  const to = headers?.[REPLAY_TO];
  return to === undefined || to === stream || to === `${stream}/${sink ?? ""}`;
}
