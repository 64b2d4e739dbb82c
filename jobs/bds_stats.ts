import { defineJob } from "arachne";
import { build } from "./_bds_build.ts";

/** The batch files since the last run, merged into what is published. */
export default defineJob({
  description: "the same as bds_batch, from the new batch files and what is published",
  schedule: "0 * * * *",
  catchUp: "latest",
  run: (c) => build(c, "merge"),
});
