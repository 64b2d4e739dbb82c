import { describe, inject } from "vitest";
import { openSparkEngine } from "../../src/engines/spark/engine.ts";
import { engineContract } from "../contracts/engine.ts";

const remote = inject("sparkRemote");

describe.skipIf(remote === undefined)("the engine contract, on Spark", () => {
  engineContract((tempDir, signal) => openSparkEngine({ remote: remote!, tempDir, ...(signal === undefined ? {} : { signal }) }));
});
