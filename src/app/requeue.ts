import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { SettingsError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import { openJournal } from "../crawl/journal/journal.ts";
import { requeueFailed, type Requeued } from "../crawl/journal/requeue.ts";
import { acquireLock } from "../storage/lock.ts";
import type { Project } from "./project.ts";

export interface RequeueRequest {
  project: Project;
  spider: string;
  settings: Settings;
  /** Only those that failed for this reason, as the ledger names it: `http_503`, `timeout`. */
  reason: string | undefined;
  now: () => Date;
}

/**
 * Puts the failed requests of the spider's last crawl back, for the next `crawl` to go on with.
 * @throws SettingsError where there is no crawl, or no request failed for that reason; CriticalError while the spider runs
 */
export function requeue({ project, spider, settings, reason, now }: RequeueRequest): Requeued {
  const stateDir = resolve(project.root, settings.STATE_DIR);
  const path = join(stateDir, `${spider}.db`);
  if (!existsSync(path)) throw noCrawl(spider, stateDir);
  const lock = acquireLock(join(stateDir, `${spider}.lock`), `spider ${spider}`, now());
  const journal = openJournal({ path, now });
  try {
    const result = requeueFailed(journal.db, reason);
    if (result === undefined) throw noCrawl(spider, stateDir);
    const reasons = Object.keys(result.left);
    if (reason !== undefined && Object.keys(result.requeued).length === 0 && reasons.length > 0)
      throw new SettingsError(
        "unknown_reason",
        `requeue: no request of crawl ${result.crawl} failed with ${JSON.stringify(reason)}. Reasons: ${reasons.join(", ")}`,
      );
    return result;
  } finally {
    journal.close();
    lock.release();
  }
}

function noCrawl(spider: string, stateDir: string): SettingsError {
  return new SettingsError("no_crawl", `requeue: ${spider} has not been crawled yet: there is no crawl in ${stateDir}`);
}
