import { defineSettings } from "arachne";

export default defineSettings({
  values: {
    ITEM_PIPELINES: { odd: 100, push_to_topic: 300, export_to_batch_file: 400 },
    BATCH_SIZE: 100,
    CONCURRENT_REQUESTS_PER_DOMAIN: 16,
    LOG_LEVEL: "warn",
  },
});
