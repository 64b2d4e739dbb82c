import { describe, inject } from "vitest";
import { openSparkEngine } from "../../src/engines/spark/engine.ts";
import { statisticsContract } from "../domain/bds/statistics-contract.ts";

const remote = inject("sparkRemote");

describe.skipIf(remote === undefined)("statistics on Spark", () => {
  statisticsContract((tempDir) => openSparkEngine({ remote: remote!, tempDir, signal: new AbortController().signal }));
});
