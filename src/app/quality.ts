import type { Logger } from "../core/context.ts";
import type { Engine } from "../core/engine.ts";
import { ArachneError } from "../core/errors.ts";
import type { ItemType } from "../core/item.ts";
import type { QualityCheck } from "../core/job.ts";
import { profileOf } from "../core/quality-sql.ts";
import { compareProfiles, describeFinding, isFailure, type Finding, type Profile } from "../core/quality.ts";
import type { Settings } from "../core/settings.ts";

export interface QualityReport {
  readonly view: string;
  readonly now: Profile;
  /** The published output's; undefined: there is none of this view to compare with. */
  readonly was: Profile | undefined;
  readonly findings: readonly Finding[];
}

export interface Gate {
  verify(engine: Engine, view: string, item: ItemType, by: string | undefined, checks: readonly QualityCheck[] | undefined): Promise<void>;
  readonly reports: readonly QualityReport[];
  /** By view, for run.json. */
  profiles(): Record<string, Profile>;
}

export interface GateOptions {
  settings: Settings;
  log: Logger;
  /** By view. */
  former: Readonly<Record<string, Profile>> | undefined;
  /** `stop` refuses what changed too much, `pass` says it and goes on, `collect` leaves it to who reads the reports. */
  onFailure: "stop" | "pass" | "collect";
}

const SHOWN = 5;

/** The quality gate of one run: what its views look like, held against what is published. */
export function openGate({ settings, log, former, onFailure }: GateOptions): Gate {
  const limits = {
    rowsDrop: settings.QUALITY_MAX_ROWS_DROP,
    coverageDrop: settings.QUALITY_MAX_COVERAGE_DROP,
    drift: settings.QUALITY_MAX_DRIFT,
    minRows: settings.QUALITY_MIN_ROWS,
  };
  const reports: QualityReport[] = [];
  return {
    reports,
    profiles: () => Object.fromEntries(reports.map((r) => [r.view, r.now])),
    async verify(engine, view, item, by, checks) {
      const now = await profileOf(engine, view, item, by);
      const was = former?.[view];
      const findings = was === undefined ? [] : compareProfiles(now, was, limits, checks);
      reports.push({ view, now, was, findings });
      if (onFailure === "collect") return;
      for (const finding of findings.filter((f) => !isFailure(f))) log.info(`quality: ${view}: ${describeFinding(finding)}`);
      const failures = findings.filter(isFailure).map(describeFinding);
      if (failures.length === 0) return;
      if (onFailure === "pass") for (const failure of failures) log.warn(`quality: ${view}: ${failure}; accepted`);
      else throw refused(view, failures);
    },
  };
}

function refused(view: string, failures: readonly string[]): ArachneError {
  const more = failures.length > SHOWN ? `; and ${failures.length - SHOWN} more` : "";
  return new ArachneError(
    "quality",
    `quality: ${view} is not what is published, and was not published: ${failures.slice(0, SHOWN).join("; ")}${more}: arachne verify shows all; mend the spider or the input, or publish it all the same with --accept-change`,
  );
}
