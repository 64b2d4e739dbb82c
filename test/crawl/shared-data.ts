import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** Real input beside the project; tests on it are skipped where it is absent. */
export const SHARED = resolve(import.meta.dirname, "../../../shared/data");
export const hasShared = existsSync(SHARED);
