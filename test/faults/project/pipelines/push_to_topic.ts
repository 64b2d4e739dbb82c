export { default } from "../../../../benchmarks/crawl/pipelines/push_to_topic.ts";
