import { describe } from "vitest";
import { openDuckDbEngine } from "../../src/engines/duckdb.ts";
import { engineContract } from "../contracts/engine.ts";

describe("the engine contract", () => {
  engineContract((tempDir, signal) => openDuckDbEngine({ memoryLimit: "512MB", tempDir, ...(signal === undefined ? {} : { signal }) }));
});
