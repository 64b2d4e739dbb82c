/** The public names, and only they. */
export { ArachneError, CriticalError, RejectedError, SettingsError, TransientError } from "./core/errors.ts";
export { defineItem, itemKey, type ItemOf, type ItemType, type RawOf } from "./core/item.ts";
export { Follow, type FollowOptions } from "./core/follow.ts";
export type { Page, Selection } from "./core/page.ts";
export { blocked, defineSpider, notFound, type Callback, type DemoSite, type Spider, type SpiderContext } from "./core/spider.ts";
export {
  defineDelivery,
  defineTransform,
  drop,
  Drop,
  type BatchLimits,
  type Delivery,
  type ItemPipeline,
  type OutboxBatch,
  type PipelineContext,
  type Transform,
} from "./core/pipeline.ts";
export { defineSettings, type Settings, type UserSettings } from "./core/settings.ts";
export type { Context, Logger } from "./core/context.ts";
export { expireTopics, openTopic } from "./app/topics.ts";
export type { ConsumeOptions, MessageBatch, Producer, StoredMessage, Topic, TopicMessage } from "./core/topic.ts";
export { openBatchFiles, type BatchFiles } from "./feeds/batch-file.ts";
export { defineJob, type Job, type JobContext, type JobResult, type ResultTable } from "./core/job.ts";
export {
  defineStream,
  type SinkContext,
  type SinkWriter,
  type Stream,
  type StreamEntry,
  type StreamSink,
  type Trigger,
  type Written,
} from "./core/stream.ts";
export { defineReconciliation, type Reconciliation, type ReconciledStatistic } from "./core/reconcile.ts";
export { tumbling, type Window, type WindowRow, type WindowSpec } from "./core/window.ts";
export * as fold from "./core/window-folds.ts";
export { intoServing } from "./app/stream-serving.ts";
export { intoClickHouse, type IntoClickHouse } from "./sinks/into-clickhouse.ts";
export { endOfDay } from "./core/day.ts";
export { collectRows, oneRow, type Engine } from "./core/engine.ts";
export { columnsOf } from "./core/schema/columns.ts";
export { checkedSql } from "./core/schema/rules-sql.ts";
export { countDiscarded } from "./core/schema/contract.ts";
export { cleanUp, type CleanedUp } from "./app/retention.ts";
