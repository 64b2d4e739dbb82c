import { z } from "zod";
import { defineSettings } from "arachne";

declare module "arachne" {
  interface UserSettings {
    readonly BDS_START_URL: string;
    readonly BDS_TOPIC: string;
    readonly BDS_GONE_AFTER_DAYS: number;
    readonly ES_INDEX: string;
    readonly KAFKA_TOPIC: string;
    readonly KAFKA_GROUP_ID: string;
    readonly CLICKHOUSE_TABLE: string;
    readonly BATCH_INTERVAL_SECONDS: number;
    readonly EVENTS_DEDUP_WINDOW: number;
  }
}

export default defineSettings({
  declare: {
    BDS_START_URL: z.string().default("demo").describe("Where bds_spider starts: demo (the bundled site) or a URL of batdongsan.com.vn"),
    BDS_TOPIC: z.string().default("batdongsan").describe("Topic that listings are pushed to"),
    BDS_GONE_AFTER_DAYS: z
      .int()
      .min(0)
      .max(36_500)
      .default(30)
      .describe("A listing that its site's crawls have not seen for so many days is gone; 0: never"),
    ES_INDEX: z
      .string()
      .regex(/^[a-z][a-z0-9_]*$/)
      .default("batdongsan")
      .describe("Name that listings are served under; statistics and changes get it with _stats_province, _changes … behind it"),
    KAFKA_TOPIC: z.string().min(1).default("stream-events").describe("Topic that the stream stream_events reads"),
    KAFKA_GROUP_ID: z.string().min(1).default("stream_events").describe("First part of its consumer group's name"),
    CLICKHOUSE_TABLE: z
      .string()
      .regex(/^[A-Za-z_]\w*$/)
      .default("stream_events")
      .describe("Table that it writes, in ClickHouse or in the embedded store"),
    BATCH_INTERVAL_SECONDS: z.number().nonnegative().max(3600).default(10).describe("How long its micro-batches are gathered"),
    EVENTS_DEDUP_WINDOW: z
      .int()
      .min(0)
      .max(31_536_000)
      .default(3600)
      .describe("Events of one event_id whose timestamps are no more than so many seconds apart count once"),
  },
  values: {
    // Order matters: transforms first, then deliveries. See docs/pipelines.md.
    ITEM_PIPELINES: { clean: 300, push_to_kafka: 400, export_to_batch_file: 500 },
    BATCH_JOB: "bds_batch",
  },
});
