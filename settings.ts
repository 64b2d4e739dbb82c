import { z } from "zod";
import { defineSettings } from "arachne";

declare module "arachne" {
  interface UserSettings {
    readonly BDS_START_URL: string;
    readonly BDS_TOPIC: string;
  }
}

export default defineSettings({
  declare: {
    BDS_START_URL: z.string().default("demo").describe("Where bds_spider starts: demo (the bundled site) or a URL of batdongsan.com.vn"),
    BDS_TOPIC: z.string().default("batdongsan").describe("Topic that listings are pushed to"),
  },
  values: {
    // Order matters: transforms first, then deliveries. See docs/pipelines.md.
    ITEM_PIPELINES: { clean: 300, push_to_kafka: 400, export_to_batch_file: 500 },
  },
});
