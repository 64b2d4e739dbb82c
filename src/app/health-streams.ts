import { z } from "zod";
import { describeError } from "../core/errors.ts";
import { deadTopic } from "../core/stream-dead.ts";
import { countWaitingLetters } from "./health-letters.ts";
import { counted } from "./health-words.ts";
import type { Check, HealthContext, HealthRow } from "./health.ts";
import { readProcesses } from "./process-state.ts";
import { lagsOf, type StreamGroup, type Streams } from "./stream-lags.ts";

function seeService({ settings }: HealthContext): string {
  return `see what the row ${settings.KAFKA_BOOTSTRAP_SERVERS === undefined ? "topics" : "kafka"} says`;
}

/** A row for each consumer group of each stream: how far it is behind; and for each stream that cannot be loaded. */
export function streamCheck({ groups, broken }: Streams): Check {
  const faults = broken.map(({ name, error }): HealthRow => ({
    check: `stream.${name}`,
    state: "down",
    version: null,
    found: error,
    todo: `correct streams/${name}.ts`,
  }));
  return {
    names: groups.map(nameOf),
    unknown: "warn",
    async run(c) {
      try {
        const lags = await lagsOf(groups, c);
        return [...faults, ...groups.map((group, i) => lagRow(group, lags[i], c))];
      } catch (error) {
        c.log.debug("health: lags are not known", { error: describeError(error) });
        return [...faults, ...groups.map((group) => row(group, "warn", `its lag on ${group.topic} is not known`, seeService(c)))];
      }
    },
  };
}

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

function row(group: StreamGroup, state: HealthRow["state"], found: string, todo: string | null): HealthRow {
  return { check: nameOf(group), state, version: null, found, todo };
}

function nameOf({ stream, sink }: StreamGroup): string {
  return `stream.${stream}.${sink}`;
}

/** What a stream's process tells of its lanes. */
const lanesDetail = z.object({ lanes: z.array(z.object({ name: z.string(), breaker: z.string(), failed: z.number() })) });

/** Whether running streams have given up on a sink for now. */
export const breakerCheck: Check = {
  names: ["breakers"],
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
export function deadLetterCheck({ groups }: Streams): Check {
  const topics = [...new Set(groups.map(({ topic }) => topic))];
  const row = (check: string, state: HealthRow["state"], found: string, todo: string | null): HealthRow => ({
    check,
    state,
    version: null,
    found,
    todo,
  });
  return {
    names: ["dead letters"],
    unknown: "warn",
    async run(c) {
      const counts = await countWaitingLetters(topics, c).catch((error: unknown) => {
        c.log.debug("health: dead letters are not counted", { error: describeError(error) });
      });
      if (counts === undefined) return [row("dead letters", "warn", "not counted: topics do not answer", seeService(c))];
      const waiting = counts.filter(({ waiting: n, all }) => n > 0 || !all);
      if (waiting.length === 0) return [row("dead letters", "ok", "none", null)];
      const todo = "arachne deadletters list says why; arachne deadletters replay puts them back";
      return waiting.map(({ topic, waiting: n, all }) =>
        row(
          `dead letters.${topic}`,
          "warn",
          `${all ? "" : "at least "}${counted(n, "message")} in ${deadTopic(topic)}, not put back`,
          todo,
        ),
      );
    },
  };
}
