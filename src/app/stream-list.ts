import type { Context } from "../core/context.ts";
import { describeError } from "../core/errors.ts";
import { checkStream, placesOf } from "../core/stream.ts";
import type { Project } from "./project.ts";
import { openTopic } from "./topics.ts";

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
      checkStream(name, stream);
      const { topic, group } = placesOf(name, stream, c);
      const groups =
        stream.window === undefined
          ? Object.keys(stream.into).map((sink) => ({ sink, group: `${group}.${sink}` }))
          : [{ sink: Object.keys(stream.into).join(", "), group }];
      list.streams.push({ name, topic, description: stream.description ?? "", groups: await withLags(topic, groups, c) });
    } catch (error) {
      list.broken.push({ name: `streams/${name}.ts`, error: describeError(error) });
    }
  return list;
}

async function withLags(name: string, groups: readonly { sink: string; group: string }[], c: Context): Promise<StreamEntry["groups"]> {
  try {
    const topic = await openTopic(name, c);
    try {
      return await Promise.all(groups.map(async (g) => ({ ...g, lag: await topic.lag(g.group) })));
    } finally {
      await topic.close();
    }
  } catch (error) {
    c.log.warn(`the topic ${name} cannot be reached`, { error: describeError(error) });
    return groups.map((g) => ({ ...g, lag: null }));
  }
}
