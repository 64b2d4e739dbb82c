import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLogger } from "../../src/app/logger.ts";
import type { Managed } from "../../src/app/manager-rows.ts";
import { troubles } from "../../src/cli/up-report.ts";

const sick: Managed = {
  name: "sick",
  kind: "stream",
  args: [],
  wanted: true,
  anew: false,
  state: "given_up",
  since: "2026-11-21T10:00:00.000Z",
  pid: null,
  restarts: 3,
  lastEnd: "exit code 1",
  nextTry: null,
  asked: 1,
  answered: 1,
};

test.each(["text", "json"] as const)("of one that failed its last error is shown, not what the manager says of it (%s)", (format) => {
  const dir = mkdtempSync(join(tmpdir(), "arachne-report-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const lines: string[] = [];
  const log = createLogger({ level: "info", format, now: () => new Date("2026-11-21T10:00:00Z"), write: (line) => lines.push(line) });
  for (let n = 0; n < 9; n++) log.info(`read ${n}`);
  log.error("the manager: a word of its own");
  lines.push("    at somewhere");
  log.info("manager: started, process 7");
  log.error("manager: exit code 1 after 0.1 s: given up");
  writeFileSync(join(dir, "sick.log"), `${lines.join("\n")}\n`);
  expect(troubles([sick], { LOG_DIR: dir })).toEqual([
    "error sick: exit code 1, given up: mend it, then `arachne up -d`",
    expect.stringMatching(/^ {2}.*the manager: a word of its own/),
    "      at somewhere",
    "  (all of it: arachne logs sick)",
  ]);
});
