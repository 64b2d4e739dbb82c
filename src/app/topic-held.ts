import { ArachneError, SettingsError } from "../core/errors.ts";
import { behind, combine, lacking, offsetsText, united, type TopicStretch } from "../core/topic-offsets.ts";
import type { Topic, TopicPosition } from "../core/topic.ts";
import type { RunRecord } from "./former.ts";
import type { TopicRange } from "./topic-range.ts";

export interface Lacks {
  /** For people: from where to where. */
  what: string;
  /** From where to where what is published and what was read reach together. */
  from: TopicPosition;
  to: TopicPosition;
  /** Why the two are not one piece: what is between them would never be read. */
  gap: string | undefined;
}

/**
 * From where the published output ends to where SOURCE_TO or the topic does, but never back.
 * @throws SettingsError `source_range` when SOURCE_FROM leaves out what is between; ArachneError `topic_behind`
 */
export function goOn(topic: Topic, since: TopicPosition, { from, to, end }: TopicRange): TopicStretch {
  const begin = topic.offsets(since);
  if (from !== undefined && behind(from, begin) !== undefined)
    throw new SettingsError(
      "source_range",
      `batch: SOURCE_FROM (${offsetsText(from)}) is behind where the published output ends in the topic ${topic.name} (${offsetsText(begin)}): what is between would never be read: leave SOURCE_FROM out, or run the full batch`,
    );
  if (behind(begin, end) !== undefined)
    throw new ArachneError(
      "topic_behind",
      `batch: the topic ${topic.name} ends at ${offsetsText(end)}, before the place where the published output does (${offsetsText(begin)}): it was made anew: run the full batch`,
    );
  return { from: begin, to: combine(begin, to, Math.max) };
}

/** What the published output holds of a topic and a full replay of a range did not read. */
export function lacksOf(topic: Topic, held: Pick<RunRecord, "starts" | "topics">, range: TopicRange): Lacks | undefined {
  const [start, end] = [held.starts[topic.name], held.topics[topic.name]];
  if (end === undefined) return undefined;
  const read = { from: range.from ?? range.start, to: range.to };
  const places = { from: topic.position(read.from), to: topic.position(read.to) };
  const before = `${topic.name} from ${start ?? "its start"} to ${places.from}`;
  let has: TopicStretch;
  try {
    has = { from: start === undefined ? read.from : topic.offsets(start), to: topic.offsets(end) };
  } catch (error) {
    if (!(error instanceof ArachneError) || error.code !== "topic_position") throw error;
    return { what: before, from: start ?? places.from, to: places.to, gap: undefined }; // a topic of the same name, but of another kind
  }
  const lacks = lacking(has, read);
  if (!lacks.before && !lacks.behind) return undefined;
  const { gap, from, to } = united(has, read);
  // What is missing before the oldest message, retention has taken: nobody could read it.
  const apart = gap.before ?? (range.from === undefined ? undefined : gap.behind);
  return {
    what: [...(lacks.before ? [before] : []), ...(lacks.behind ? [`${topic.name} from ${places.to} to ${end}`] : [])].join(", "),
    from: topic.position(from),
    to: topic.position(to),
    gap:
      apart === undefined
        ? undefined
        : `what was asked for of the topic ${topic.name} (${offsetsText(read.from)} to ${offsetsText(read.to)}) and what is published (${offsetsText(has.from)} to ${offsetsText(has.to)}) do not meet in partition ${apart}: what is between would never be read`,
  };
}
