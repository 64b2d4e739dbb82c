import { z } from "zod";
import { defineSettings } from "arachne";

declare module "arachne" {
  interface UserSettings {
    readonly BDS_START_URL: string;
    readonly BDS_TOPIC: string;
    readonly BDS_GONE_AFTER_DAYS: number;
    readonly ES_INDEX: string;
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
  },
  values: {
    // Order matters: transforms first, then deliveries. See docs/pipelines.md.
    ITEM_PIPELINES: { clean: 300, push_to_kafka: 400, export_to_batch_file: 500 },
    BATCH_JOB: "bds_batch",
  },
});
