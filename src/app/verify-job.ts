import type { Day } from "../core/day.ts";
import type { ServingWriter } from "../core/serving.ts";
import type { QualityReport } from "./quality.ts";
import { withJob, type JobRequest } from "./run-job-open.ts";

export interface VerifyRun {
  date: Day;
  /** The published output that was compared with; undefined: there is none. */
  against: { job: string; date: Day; startedAt: string } | undefined;
  /** A view each that the job lets verify; none: it has no gate. */
  reports: readonly QualityReport[];
}

/** Thrown to the job when it begins to serve: its gate is behind it. */
class PastTheGate extends Error {}

/** Runs a job up to its quality gate, with all failures noted and none of them an error. Nothing is published or served. */
export async function verifyJob(request: JobRequest): Promise<VerifyRun> {
  return withJob(request, "collect", async (open) => {
    try {
      await open.build(NOTHING_SERVED);
    } catch (error) {
      if (!(error instanceof PastTheGate)) throw error;
    }
    const record = open.former?.record;
    return {
      date: open.date,
      against: record === undefined ? undefined : { job: record.job, date: record.date, startedAt: record.startedAt },
      reports: open.gate.reports,
    };
  });
}

const refuse = (): Promise<never> => Promise.reject(new PastTheGate("nothing is served by a check"));
const NOTHING_SERVED: ServingWriter = {
  inspect: (aliases) => Promise.resolve(new Map(aliases.map((alias) => [alias, 0]))),
  buildTable: refuse,
  replaceSlice: refuse,
  upsert: refuse,
};
