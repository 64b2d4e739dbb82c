import { join, resolve } from "node:path";
import Database from "libsql";
import type { Logger } from "../../src/core/context.ts";
import type { Difference } from "../../src/core/reconcile.ts";
import type { Settings } from "../../src/core/settings.ts";
import type { TopicMessage } from "../../src/core/topic.ts";
import { openProject } from "../../src/app/project.ts";
import { reconcile, type Reconciled, type ReconcileRequest } from "../../src/app/reconcile.ts";
import { runStream, type StreamRun } from "../../src/app/run-stream.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import { openTopic } from "../../src/app/topics.ts";
import { batchPlace, type BatchPlace } from "../jobs/batch-run.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export interface ReconcilePlace {
  batch: BatchPlace;
  settings: Settings;
  /** Appends to the topic of listings. */
  push(messages: readonly TopicMessage[]): Promise<void>;
  /** `bds_listings`, until it has read what there is. */
  stream(): Promise<StreamRun>;
  reconcile(request?: Partial<ReconcileRequest>): Promise<Reconciled & { found: Difference[] }>;
  /** The batch, at this place's time. */
  publish(): Promise<unknown>;
  /** Changes the serving store behind everyone's back. */
  tamper(sql: string, ...values: string[]): void;
}

/** Folders of their own with an embedded topic, store and batch, all at one time. */
export function reconcilePlace(now: Date, more: readonly string[] = []): ReconcilePlace {
  const batch = batchPlace();
  const commandLine = [...batch.settings, ...more];
  const context = async () => {
    const project = await openProject(ROOT);
    const { settings } = resolveSettings({ root: ROOT, project: project.settings, env: {}, commandLine });
    return { project, settings, log: SILENT, now: () => now, signal: new AbortController().signal };
  };
  return {
    batch,
    get settings() {
      return resolveSettings({ root: ROOT, project: { values: {} }, env: {}, commandLine: batch.settings }).settings;
    },
    async push(messages) {
      const c = await context();
      const topic = await openTopic(c.settings.BDS_TOPIC, c);
      await using producer = await topic.producer();
      await producer.send(messages);
      await topic.close();
    },
    stream: async () => runStream({ ...(await context()), stream: "bds_listings", untilEnd: true }),
    async reconcile(request = {}) {
      const found: Difference[] = [];
      const c = await context();
      const done = await reconcile({ ...c, name: "bds", waitSeconds: 0, onDifference: (d) => void found.push(d), ...request });
      return { ...done, found };
    },
    publish: () => batch.runJob({ now, settings: more }),
    tamper(sql, ...values) {
      const db = new Database(join(batch.dir, "serving.db"));
      db.prepare(sql).run(values);
      db.close();
    },
  };
}
