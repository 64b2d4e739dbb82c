import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseRobots, type RobotsRules } from "../../../src/crawl/politeness/robots-rules.ts";
import { hasShared, SHARED } from "../shared-data.ts";

interface Question {
  file: string;
  ua: string;
  url: string;
  allowed: boolean;
}

describe.skipIf(!hasShared)("4,231 real robots.txt", () => {
  const folder = mkdtempSync(join(tmpdir(), "arachne-robots-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("every one of the 28,016 answers that Protego and robots-parser agree on is ours too", () => {
    execFileSync("tar", ["xzf", `${SHARED}/crawl-fixtures/protego_test_data_4200_real_robots.tar.gz`, "-C", folder]);
    const lines = readFileSync(`${SHARED}/crawl-fixtures/robots-agreed/agreed.jsonl`, "utf8").trim().split("\n");
    expect(lines).toHaveLength(28_016);
    const known = new Map<string, RobotsRules>();
    const wrong: Question[] = [];
    let forbidden = 0;
    for (const line of lines) {
      const question = JSON.parse(line) as Question;
      const { file, ua, url, allowed } = question;
      const origin = new URL(url).origin;
      let rules = known.get(`${file} ${ua} ${origin}`);
      if (rules === undefined) {
        rules = parseRobots(`${origin}/robots.txt`, readFileSync(join(folder, "test_data", file)), ua);
        known.set(`${file} ${ua} ${origin}`, rules);
      }
      if (rules.allows(url) !== allowed) wrong.push(question);
      if (!allowed) forbidden++;
    }
    expect(wrong).toEqual([]);
    expect(forbidden).toBeGreaterThan(5000);
  });
});
