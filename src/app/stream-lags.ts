import type { Context, Logger } from "../core/context.ts";
import { describeError } from "../core/errors.ts";
import { checkStream, placesOf, type Stream } from "../core/stream.ts";
import { lookAtLag } from "../topics/embedded-look.ts";
import type { Project } from "./project.ts";
import { kafkaOptions } from "./topics.ts";

/** A consumer group of a stream. */
export interface StreamGroup {
  readonly stream: string;
  /** Of a stream with windows: all its sinks, as its one group feeds them. */
  readonly sink: string;
  readonly topic: string;
  readonly group: string;
}

export interface GroupLag extends StreamGroup {
  /** undefined: there is no such topic yet. */
  readonly lag: number | undefined;
}

type Access = Pick<Context, "settings" | "log" | "now" | "signal">;

export interface Streams {
  readonly groups: readonly StreamGroup[];
  /** Those that cannot be loaded, and why. */
  readonly broken: readonly { readonly name: string; readonly error: string }[];
}

/** The consumer groups of the project's streams. */
export async function streamGroups(project: Project, c: Pick<Context, "settings">): Promise<Streams> {
  const groups: StreamGroup[] = [];
  const broken: { name: string; error: string }[] = [];
  for (const name of project.names("streams"))
    try {
      groups.push(...groupsOf(name, await project.load("streams", name), c));
    } catch (error) {
      broken.push({ name, error: describeError(error) });
    }
  return { groups, broken };
}

/** Messages that each of them has yet to commit. Nothing is made by asking. @throws TransientError when the topics cannot be asked */
export async function streamLags(project: Project, c: Access): Promise<GroupLag[]> {
  const { groups } = await streamGroups(project, c);
  const lags = await lagsOf(groups, c);
  return groups.map((group, i) => ({ ...group, lag: lags[i] }));
}

/** @throws SettingsError `stream_definition` */
export function groupsOf(name: string, stream: Stream, c: Pick<Context, "settings">): StreamGroup[] {
  checkStream(name, stream);
  const { topic, group } = placesOf(name, stream, c);
  const sinks = Object.keys(stream.into);
  if (stream.window !== undefined) return [{ stream: name, sink: sinks.join(", "), topic, group }];
  return sinks.map((sink) => ({ stream: name, sink, topic, group: `${group}.${sink}` }));
}

/** In the order asked; undefined: there is no such topic. */
export async function lagsOf(groups: readonly StreamGroup[], { settings, log, signal }: Access): Promise<(number | undefined)[]> {
  if (groups.length === 0) return [];
  const servers = settings.KAFKA_BOOTSTRAP_SERVERS;
  if (servers === undefined) return groups.map(({ topic, group }) => lookAtLag(settings.TOPIC_DIR, topic, group));
  const { lookAtLags } = await import("../topics/kafka/look.ts");
  // That it does not answer is for who asks to say, once.
  const debug: Logger["debug"] = (message, fields) => log.debug(message, fields);
  const quiet: Logger = { debug, info: debug, warn: debug, error: debug };
  return lookAtLags(groups, { ...kafkaOptions(servers, settings, quiet), retrySeconds: LOOK_RETRY_SECONDS }, signal);
}

/** Enough to try each of several brokers; who looks does not wait until one is started. */
export const LOOK_RETRY_SECONDS = 1;
