import { defineDelivery, openBatchFiles, type BatchFiles } from "arachne";

let files: BatchFiles;

/** Writes items to files of BATCH_SIZE (or BATCH_MAX_BYTES, or BATCH_MAX_AGE_SECONDS, whichever comes first) in BATCH_OUTPUT_DIR. */
export default defineDelivery({
  limits: ({ settings: s }) => ({ items: s.BATCH_SIZE, bytes: s.BATCH_MAX_BYTES, ageSeconds: s.BATCH_MAX_AGE_SECONDS }),
  async open({ settings, spider, item }) {
    files = await openBatchFiles({ dir: settings.BATCH_OUTPUT_DIR, spider, item, format: settings.BATCH_FILE_FORMAT });
  },
  async deliver(batch, { log }) {
    const path = await files.write(batch);
    log.debug(`wrote ${path}`, { items: batch.length });
  },
});
