import type { PlannedJob } from "../app/job-plan.ts";
import type { RunHistory } from "../app/run-history.ts";
import type { Logger } from "../core/context.ts";

/** What every step of planning works on. Each decides from the history alone and writes what it decided there: a crash in between loses nothing. */
export interface Planning {
  /** In the order of `inOrder`. */
  readonly jobs: readonly PlannedJob[];
  readonly history: RunHistory;
  readonly now: Date;
  readonly zone: string;
  readonly log: Logger;
  /** 0 up to 1: the jitter of pauses. */
  readonly random: () => number;
  readonly retryBackoffSeconds: number;
  /** Runs whose processes this scheduler has started and not seen end: some may still stand as queued. */
  readonly started: ReadonlySet<number>;
}
