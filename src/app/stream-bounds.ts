import type { Settings } from "../core/settings.ts";
import type { Stream } from "../core/stream.ts";
import type { BatchBounds } from "./stream-batches.ts";

export function boundsOf(given: Stream["trigger"], settings: Settings): BatchBounds {
  const trigger = typeof given === "function" ? given({ settings }) : given;
  const { STREAM_BATCH_MESSAGES, STREAM_BATCH_BYTES, STREAM_TRIGGER_SECONDS } = settings;
  return {
    messages: trigger?.messages ?? STREAM_BATCH_MESSAGES,
    bytes: trigger?.bytes ?? STREAM_BATCH_BYTES,
    ms: (trigger?.seconds ?? STREAM_TRIGGER_SECONDS) * 1000,
  };
}
