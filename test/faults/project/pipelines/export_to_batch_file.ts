export { default } from "../../../../pipelines/export_to_batch_file.ts";
