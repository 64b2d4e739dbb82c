import { defineSettings } from "arachne";

/** The crawl that `npm run bench crawl` measures: everything on that a user has by default, on a site that needs no politeness. */
export default defineSettings({
  values: {
    ITEM_PIPELINES: { clean: 100, validate: 200, push_to_topic: 300, export_to_batch_file: 400 },
    CONCURRENT_REQUESTS: 16,
    CONCURRENT_REQUESTS_PER_DOMAIN: 16,
  },
});
