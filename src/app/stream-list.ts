import type { Context } from "../core/context.ts";
import { describeError } from "../core/errors.ts";
import { placesOf } from "../core/stream.ts";
import type { Project } from "./project.ts";
import { groupsOf, lagsOf, type StreamGroup } from "./stream-lags.ts";

export interface StreamEntry {
  readonly name: string;
  readonly topic: string;
  readonly description: string;
  /** Its consumer groups; `lag`: messages that the group has yet to read, null where the topic cannot be reached. */
  readonly groups: readonly { readonly sink: string; readonly group: string; readonly lag: number | null }[];
}

export interface StreamList {
  streams: StreamEntry[];
  /** Files that could not be loaded, and why. */
  broken: { name: string; error: string }[];
}

export async function listStreams(project: Project, c: Context): Promise<StreamList> {
  const list: StreamList = { streams: [], broken: [] };
  for (const name of project.names("streams"))
    try {
      const stream = await project.load("streams", name);
      const groups = groupsOf(name, stream, c);
      const { topic } = placesOf(name, stream, c);
      list.streams.push({ name, topic, description: stream.description ?? "", groups: await withLags(groups, c) });
    } catch (error) {
      list.broken.push({ name: `streams/${name}.ts`, error: describeError(error) });
    }
  return list;
}

/** Of a topic that is not there yet there is nothing to read; it is not made by asking. */
async function withLags(groups: readonly StreamGroup[], c: Context): Promise<StreamEntry["groups"]> {
  try {
    const lags = await lagsOf(groups, c);
    return groups.map(({ sink, group }, i) => ({ sink, group, lag: lags[i] ?? 0 }));
  } catch (error) {
    c.log.warn(`the topic ${groups[0]?.topic} cannot be reached`, { error: describeError(error) });
    return groups.map(({ sink, group }) => ({ sink, group, lag: null }));
  }
}
