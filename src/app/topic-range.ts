import type { Context } from "../core/context.ts";
import { SettingsError } from "../core/errors.ts";
import { behind, combine, offsetsText } from "../core/topic-offsets.ts";
import { parsePlace } from "../core/topic-place.ts";
import type { Topic, TopicOffsets } from "../core/topic.ts";

/** What of a topic SOURCE_FROM and SOURCE_TO ask for. */
export interface TopicRange {
  /** undefined: whatever is the oldest message when it is read. */
  from: TopicOffsets | undefined;
  to: TopicOffsets;
  /** Where the topic began and ended. */
  start: TopicOffsets;
  end: TopicOffsets;
}

type Name = "SOURCE_FROM" | "SOURCE_TO";
type Facts = Pick<TopicRange, "start" | "end">;
type RangeContext = Pick<Context, "settings" | "now">;

/** @throws SettingsError `source_range` when there is no such range in the topic */
export async function askedRange(topic: Topic, c: RangeContext): Promise<TopicRange> {
  const { SOURCE_FROM, SOURCE_TO } = c.settings;
  const start = topic.offsets(await topic.start());
  // In this order: a message that comes meanwhile cannot make it begin behind its end.
  const from = await placeFor("SOURCE_FROM", SOURCE_FROM, topic, start, c);
  const given = await placeFor("SOURCE_TO", SOURCE_TO, topic, start, c);
  const end = topic.offsets(await topic.end());
  const to = given ?? end;
  if (from !== undefined) refuseUnknown("SOURCE_FROM", topic, from, { start, end }, start);
  if (given !== undefined) refuseUnknown("SOURCE_TO", topic, given, { start, end }, end);
  const wrong = from === undefined ? undefined : behind(from, to);
  if (wrong !== undefined || isBackwards(SOURCE_FROM, SOURCE_TO))
    throw refused(
      `SOURCE_FROM=${SOURCE_FROM} is not before SOURCE_TO=${SOURCE_TO}${
        wrong === undefined ? "" : ` in partition ${wrong} of the topic ${topic.name} (${from!.get(wrong)}, and ${to.get(wrong)})`
      }: exchange them, or leave one out`,
    );
  return { from, to, start, end };
}

/** undefined: the end that it has by itself. */
async function placeFor(
  name: Name,
  text: string | undefined,
  topic: Topic,
  start: TopicOffsets,
  { settings, now }: RangeContext,
): Promise<TopicOffsets | undefined> {
  const place = text === undefined ? undefined : parsePlace(text);
  if (place === undefined || typeof place === "string") return undefined;
  // Offsets of the embedded topic begin with 1; who asks for 0 means the first.
  if (typeof place !== "number") return combine(place, topic.offsets(topic.position(place)), Math.max);
  const at = now();
  if (place > at.getTime())
    throw refused(`${name}=${text} is in the future (it is ${at.toISOString()}): name a time that has been, or leave it out`);
  const offsets = topic.offsets(await topic.at(place));
  const hours = settings.TOPIC_RETENTION_HOURS;
  if (hours === 0 || place >= at.getTime() - hours * 3_600_000) return offsets;
  // So old that what retention has removed may have been of that time or later.
  const first = topic.offsets(topic.position(new Map([...start.keys()].map((partition) => [partition, 0]))));
  if ([...offsets].some(([partition, offset]) => offset <= (start.get(partition) ?? 0) && offset > (first.get(partition) ?? 0)))
    throw refused(
      `${name}=${text} is older than TOPIC_RETENTION_HOURS (${hours}), and of the topic ${topic.name} what was before ${offsetsText(start)} has been removed: ${name === "SOURCE_FROM" ? "SOURCE_FROM=earliest begins with the oldest that is there" : "name a later time"}`,
    );
  return offsets;
}

/** Partitions that are not there or not named, and offsets that are not there yet or no more. */
function refuseUnknown(name: Name, topic: Topic, offsets: TopicOffsets, { start, end }: Facts, whole: TopicOffsets): void {
  const say = (what: string): SettingsError => refused(`${name}=${offsetsText(offsets)}: the topic ${topic.name} ${what}`);
  const unknown = [...offsets.keys()].find((partition) => !end.has(partition));
  if (unknown !== undefined)
    throw say(`has no partition ${unknown}: it has ${[...end.keys()].join(", ")} (${offsetsText(start)} to ${offsetsText(end)})`);
  const all = combine(whole, offsets, (_, given) => given);
  if (all.size > offsets.size)
    throw say(`has other partitions too, and what is to be read of them is not said: name all, as in ${offsetsText(all)}`);
  const beyond = behind(offsets, end);
  if (beyond !== undefined) throw say(`ends at ${end.get(beyond)} in partition ${beyond}: name an offset up to that`);
  const gone = behind(start, offsets);
  if (gone !== undefined)
    throw say(
      `begins at ${start.get(gone)} in partition ${gone}, what was before has been removed: name an offset from that on${name === "SOURCE_FROM" ? ", or earliest" : ""}`,
    );
}

function isBackwards(from: string | undefined, to: string | undefined): boolean {
  const [begin, end] = [parsePlace(from ?? ""), parsePlace(to ?? "")];
  return typeof begin === "number" && typeof end === "number" && begin >= end;
}

function refused(what: string): SettingsError {
  return new SettingsError("source_range", `batch: ${what}`);
}
