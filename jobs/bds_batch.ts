import { defineJob } from "arachne";
import { build } from "./_bds_build.ts";

/** All batch files, anew. */
export default defineJob({
  description: "deduplicated listings by province, changes, statistics by province and district: from all batch files",
  schedule: "0 2 * * *",
  run: (c) => build(c, "all"),
});
