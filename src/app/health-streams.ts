import { z } from "zod";
import { describeError } from "../core/errors.ts";
import { deadTopic } from "../core/stream-dead.ts";
import { countWaitingLetters } from "./health-letters.ts";
import { counted } from "./health-words.ts";
import type { Check, HealthContext, HealthRow } from "./health.ts";
import { readProcesses } from "./process-state.ts";
import { lagsOf, streamGroups, type StreamGroup } from "./stream-lags.ts";

const SEE_SERVICE = "see what Kafka's row says";

/** A row for each consumer group of each stream: how far it is behind. */
export const streamCheck: Check = {
  name: "streams",
  unknown: "warn",
  async run(c) {
    const { groups, broken } = await streamGroups(c.project, c);
    const faults = broken.map(({ name, error }): HealthRow => ({
      check: `stream.${name}`,
      state: "down",
      version: null,
      found: error,
      todo: `correct streams/${name}.ts`,
    }));
    let lags: (number | undefined)[];
    try {
      lags = await lagsOf(groups, c);
    } catch (error) {
      c.log.debug("health: lags are not known", { error: describeError(error) });
      return [...faults, ...groups.map((group) => row(group, "warn", `its lag on ${group.topic} is not known`, SEE_SERVICE))];
    }
    return [...faults, ...groups.map((group, i) => lagRow(group, lags[i], c))];
  },
};

function lagRow(group: StreamGroup, lag: number | undefined, { settings, now }: HealthContext): HealthRow {
  const { stream, topic } = group;
  if (lag === undefined) return row(group, "ok", `there is no topic ${topic} yet`, null);
  const runs = readProcesses(settings, now()).filter(({ kind, name }) => kind === "stream" && name === stream).length;
  const found = `${counted(lag, "message")} of ${topic} to read, ${runs === 0 ? "not running" : counted(runs, "process", "processes")}`;
  if (lag > 0 && runs === 0) return row(group, "warn", found, `start it: arachne up streaming, or arachne stream run ${stream}`);
  if (lag > settings.HEALTH_MAX_LAG)
    return row(group, "warn", found, `more than HEALTH_MAX_LAG: see its sink (arachne logs ${stream}), or run more processes of it`);
  return row(group, "ok", found, null);
}

function row({ stream, sink }: StreamGroup, state: HealthRow["state"], found: string, todo: string | null): HealthRow {
  return { check: `stream.${stream}.${sink}`, state, version: null, found, todo };
}

/** What a stream's process tells of its lanes. */
const lanesDetail = z.object({ lanes: z.array(z.object({ name: z.string(), breaker: z.string(), failed: z.number() })) });

/** Whether running streams have given up on a sink for now. */
export const breakerCheck: Check = {
  name: "breakers",
  unknown: "warn",
  run({ settings, now }) {
    const streams = readProcesses(settings, now()).filter(({ kind }) => kind === "stream");
    const lanes = streams.flatMap(({ name, details }) =>
      (lanesDetail.safeParse(details).data?.lanes ?? []).map((lane) => ({ ...lane, stream: name })),
    );
    const open = lanes.filter(({ breaker }) => breaker !== "closed");
    if (open.length === 0)
      return Promise.resolve(
        lanes.length === 0
          ? []
          : [{ check: "breakers", state: "ok", version: null, found: `${counted(lanes.length, "breaker")}, none is open`, todo: null }],
      );
    return Promise.resolve(
      open.map(({ name, stream, breaker, failed }) => ({
        check: `breaker.${name}`,
        state: "warn" as const,
        version: null,
        found: `${breaker}, after ${counted(failed, "try", "tries")} that failed; the stream goes on trying`,
        todo: `see why its sink fails: arachne logs ${stream}`,
      })),
    );
  },
};

/** Messages that were set aside and not put back since, by topic. */
export const deadLetterCheck: Check = {
  name: "dead letters",
  unknown: "warn",
  async run(c) {
    const { groups } = await streamGroups(c.project, c);
    const counts = await countWaitingLetters([...new Set(groups.map(({ topic }) => topic))], c).catch((error: unknown) => {
      c.log.debug("health: dead letters are not counted", { error: describeError(error) });
    });
    if (counts === undefined)
      return [{ check: "dead letters", state: "warn", version: null, found: "not counted: topics do not answer", todo: SEE_SERVICE }];
    const waiting = counts.filter(({ waiting: n }) => n > 0);
    if (waiting.length === 0) return [{ check: "dead letters", state: "ok", version: null, found: "none", todo: null }];
    return waiting.map(({ topic, waiting: n, all }) => ({
      check: `dead letters.${topic}`,
      state: "warn",
      version: null,
      found: `${all ? "" : "at least "}${counted(n, "message")} in ${deadTopic(topic)}, not put back`,
      todo: "arachne deadletters list says why; arachne deadletters replay puts them back",
    }));
  },
};
