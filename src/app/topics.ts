import type { Context } from "../core/context.ts";
import type { Topic } from "../core/topic.ts";
import { openEmbeddedTopic } from "../topics/embedded.ts";

/** Opens a topic by name, in the implementation that the settings choose. */
export function openTopic(name: string, c: Pick<Context, "settings" | "now">): Promise<Topic> {
  const { TOPIC_DIR, TOPIC_RETENTION_HOURS } = c.settings;
  return Promise.resolve(openEmbeddedTopic({ dir: TOPIC_DIR, name, retentionHours: TOPIC_RETENTION_HOURS, now: c.now }));
}
