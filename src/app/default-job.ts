import { SettingsError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import type { Project } from "./project.ts";

/** The job that a command means that names none: BATCH_JOB, or the only one there is. @throws SettingsError `no_job` */
export function defaultJob(project: Project, settings: Settings): string {
  const names = project.names("jobs");
  const only = settings.BATCH_JOB ?? (names.length === 1 ? names[0] : undefined);
  if (only !== undefined) return only;
  throw new SettingsError(
    "no_job",
    names.length === 0
      ? "batch: this project has no job: add a file to jobs/"
      : `batch: name the job, here or by BATCH_JOB: ${names.join(", ")}`,
  );
}
