import { SettingsError } from "../core/errors.ts";
import type { Project } from "./project.ts";

/** The reconciliation that a command means that names none: the only one there is. @throws SettingsError `no_reconciliation` */
export function defaultReconciliation(project: Project): string {
  const [only, ...others] = project.names("reconcile");
  if (only !== undefined && others.length === 0) return only;
  throw new SettingsError(
    "no_reconciliation",
    only === undefined
      ? "reconcile: this project has nothing to reconcile: add a file to reconcile/"
      : `reconcile: name what to reconcile: ${[only, ...others].join(", ")}`,
  );
}
