import type { CatchUp } from "./job.ts";

/** What is later than this has been missed: until then a planner that was busy for a moment still runs it as due. */
export const GRACE_MS = 60_000;

export interface DueRuns {
  /** To be run, oldest first. */
  readonly run: readonly { readonly at: Date; readonly trigger: "schedule" | "catch_up" }[];
  /** How many are given up. */
  readonly missed: number;
}

/** Which of the cron times that have passed (oldest first) are run: those that are due now, and missed ones by policy. */
export function decideDue(times: readonly Date[], now: Date, policy: CatchUp): DueRuns {
  const late = (at: Date): boolean => now.getTime() - at.getTime() > GRACE_MS;
  const wanted = policy === "all" ? times : policy === "latest" ? times.slice(-1) : times.filter((at) => !late(at)).slice(-1);
  return {
    run: wanted.map((at) => ({ at, trigger: late(at) ? "catch_up" : "schedule" })),
    missed: times.length - wanted.length,
  };
}
