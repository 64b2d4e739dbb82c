import { defineConfig } from "vitest/config";

/** `npm run test:faults`: the long form, 200 kills and more; the short form is part of `npm test`. */
export default defineConfig({
  test: {
    include: ["test/faults/long/**/*.test.ts"],
    testTimeout: 3_600_000,
    pool: "forks",
    fileParallelism: false,
    reporters: ["verbose"],
  },
});
