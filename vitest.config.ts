import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    pool: "forks",
    // Vitest leaves a processor out, which is half of two; beyond four the servers that tests start need too much memory.
    maxWorkers: Math.min(4, availableParallelism()),
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/faults/long/**", "test/services/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Real Elasticsearch and Spark, started by the set-up: only when a file of this project is run.
        extends: true,
        test: {
          name: "services",
          include: ["test/services/**/*.test.ts"],
          globalSetup: ["test/services/setup.ts"],
          testTimeout: 180_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
