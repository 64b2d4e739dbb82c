import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createExecutor } from "../../src/scheduler/executor.ts";

test.each([0, 100 * 86_400])(
  "with a time limit of %i seconds, none or more than timers take, a run comes to its own end",
  async (timeoutSeconds) => {
    const dir = mkdtempSync(join(tmpdir(), "arachne-executor-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const end = await createExecutor({ cwd: dir, killSeconds: 1 }).run({
      name: "patient",
      command: [process.execPath, "-e", "setTimeout(() => process.exit(7), 1000)"],
      logFile: join(dir, "patient.log"),
      startSeconds: 120,
      timeoutSeconds,
    });
    expect(end).toMatchObject({ code: 7 });
  },
);
