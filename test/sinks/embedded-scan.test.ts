import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Logger } from "../../src/core/context.ts";
import { openEmbeddedServing } from "../../src/sinks/embedded-serving.ts";
import { scanEmbedded } from "../../src/sinks/embedded/scan.ts";
import { servedScanContract } from "../contracts/served-scan.ts";

const silent = (): void => undefined;
const log: Logger = { debug: silent, info: silent, warn: silent, error: silent };

servedScanContract(() => {
  const dir = mkdtempSync(join(tmpdir(), "arachne-scan-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, "serving.db");
  return {
    alias: () => "notes",
    open: () =>
      Promise.resolve(openEmbeddedServing({ path, now: () => new Date(), log, maxChange: 1, maxGrowth: 1, minRows: 0, versions: 1 })),
    scan: (alias) => scanEmbedded(path, alias),
  };
});
