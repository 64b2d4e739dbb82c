import { readdirSync } from "node:fs";
import type { Context } from "../core/context.ts";
import type { Settings } from "../core/settings.ts";
import type { Topic } from "../core/topic.ts";
import { openEmbeddedTopic } from "../topics/embedded.ts";

/** Opens a topic by name, in the implementation that the settings choose. */
export function openTopic(name: string, c: Pick<Context, "settings" | "now">): Promise<Topic> {
  const { TOPIC_DIR, TOPIC_RETENTION_HOURS } = c.settings;
  return Promise.resolve(openEmbeddedTopic({ dir: TOPIC_DIR, name, retentionHours: TOPIC_RETENTION_HOURS, now: c.now }));
}

/** Names of the topics that there are. */
export function topicNames({ TOPIC_DIR }: Settings): string[] {
  try {
    return readdirSync(TOPIC_DIR)
      .filter((file) => file.endsWith(".db"))
      .map((file) => file.slice(0, -".db".length))
      .sort();
  } catch {
    return []; // no folder yet
  }
}

/** Removes the messages of every topic that are older than TOPIC_RETENTION_HOURS; how many, by topic. */
export async function expireTopics(c: Pick<Context, "settings" | "now">): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  for (const name of topicNames(c.settings)) {
    const topic = await openTopic(name, c);
    try {
      removed[name] = await topic.expire();
    } finally {
      await topic.close();
    }
  }
  return removed;
}
