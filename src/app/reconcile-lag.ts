import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../core/context.ts";
import { checkStream, placesOf } from "../core/stream.ts";
import type { Topic } from "../core/topic.ts";
import type { Project } from "./project.ts";
import { listTopics, openTopic } from "./topics.ts";

export interface StreamLag {
  readonly topic: string;
  /** Messages that the stream has yet to read. */
  readonly lag: number;
  readonly waitedMs: number;
}

const POLL_MS = 250;

/** Waits until a stream has read all of its topic, but no longer than that. It need not run: then there is something left. */
export async function waitForStream(name: string, project: Project, c: Context, seconds: number): Promise<StreamLag> {
  const stream = await project.load("streams", name);
  checkStream(name, stream);
  const { topic, group } = placesOf(name, stream, c);
  const groups = stream.window === undefined ? Object.keys(stream.into).map((sink) => `${group}.${sink}`) : [group];
  // Opening a topic may make it.
  if (!(await listTopics(c)).includes(topic)) return { topic, lag: 0, waitedMs: 0 };
  const opened = await openTopic(topic, c);
  const since = performance.now();
  try {
    for (let said = false; ; said = true) {
      const lag = await longestLag(opened, groups);
      const waitedMs = performance.now() - since;
      if (lag === 0 || waitedMs >= seconds * 1000) return { topic, lag, waitedMs };
      if (!said) c.log.info(`waiting for ${name} to read ${lag} messages of ${topic}`);
      await sleep(POLL_MS, undefined, { signal: c.signal }).catch(() => c.signal.throwIfAborted());
    }
  } finally {
    await opened.close();
  }
}

async function longestLag(topic: Topic, groups: readonly string[]): Promise<number> {
  return Math.max(...(await Promise.all(groups.map((group) => topic.lag(group)))));
}
