import { defineStream, defineTransform, intoClickHouse, RejectedError } from "arachne";
import { Flaw } from "../domain/events/flaw.ts";
import { readEvent } from "../domain/events/read_event.ts";
import { IncomingEvent, StreamEvent } from "../domain/events/stream_event.ts";

const event = defineTransform<IncomingEvent, StreamEvent>({
  process: (incoming) =>
    incoming.map((message) => {
      const read = readEvent(message);
      if (read instanceof Flaw) throw new RejectedError(read.reason, read.detail);
      return read;
    }),
});

/** Events of any kind and any producer become rows of one table, each once. docs/events.md */
export default defineStream({
  description: "events of any kind into the ClickHouse table stream_events",
  topic: ({ settings }) => settings.KAFKA_TOPIC,
  group: ({ settings }) => settings.KAFKA_GROUP_ID,
  item: IncomingEvent,
  stages: { event },
  // Few large inserts: each makes a part that ClickHouse has to merge.
  trigger: ({ settings }) => ({ seconds: settings.BATCH_INTERVAL_SECONDS, messages: 5_000 }),
  into: {
    clickhouse: intoClickHouse({
      table: ({ settings }) => settings.CLICKHOUSE_TABLE,
      item: StreamEvent,
      time: "timestamp",
      stamp: "processed_at",
      dedupWindow: ({ settings }) => settings.EVENTS_DEDUP_WINDOW,
    }),
  },
});
