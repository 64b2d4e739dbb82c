import { join, resolve } from "node:path";
import type { Logger } from "../core/context.ts";
import type { Engine } from "../core/engine.ts";
import { SettingsError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";

export interface EnginePlace {
  settings: Settings;
  root: string;
  /** Scratch space on the output's disk, where DUCKDB_TEMP_DIR names no other. */
  workDir: string;
  signal: AbortSignal;
  log: Logger;
}

/** The engine that BATCH_ENGINE names; the other one is never loaded. @throws SettingsError `no_spark` without SPARK_REMOTE */
export async function openEngine({ settings, root, workDir, signal, log }: EnginePlace): Promise<Engine> {
  if (settings.BATCH_ENGINE === "spark") {
    if (settings.SPARK_REMOTE === undefined)
      throw new SettingsError("no_spark", "BATCH_ENGINE=spark needs SPARK_REMOTE: name the Spark Connect server, as sc://localhost:15002");
    const { openSparkEngine } = await import("../engines/spark/engine.ts");
    return openSparkEngine({ remote: settings.SPARK_REMOTE, tempDir: join(workDir, "spark"), signal, log });
  }
  const { openDuckDbEngine } = await import("../engines/duckdb.ts");
  const tempDir = settings.DUCKDB_TEMP_DIR === undefined ? workDir : resolve(root, settings.DUCKDB_TEMP_DIR);
  return openDuckDbEngine({ memoryLimit: settings.DUCKDB_MEMORY_LIMIT, tempDir: join(tempDir, "duckdb"), signal });
}
