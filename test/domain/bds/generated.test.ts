import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { absent, DATA } from "./real_rows.ts";

const ROOT = join(import.meta.dirname, "../../..");
const GENERATED = join(ROOT, "domain/bds/generated");
const FILES = ["legacy.json", "units_2025.json", "README.md"];

it("the generated units are small and name their sources with the licence texts", () => {
  const bytes = FILES.reduce((sum, file) => sum + statSync(join(GENERATED, file)).size, 0);
  expect(bytes).toBeLessThan(1_500_000);
  const readme = readFileSync(join(GENERATED, "README.md"), "utf8");
  expect(readme).toContain("Copyright (c) 2025 Tran Ngoc Minh Hieu");
  expect(readme).toContain("Copyright (c) 2021 Thang Le Quoc");
});

describe.skipIf(absent)("the generator", () => {
  it("gives from the sources exactly the files that are committed", () => {
    const out = mkdtempSync(join(tmpdir(), "arachne-units-"));
    onTestFinished(() => rmSync(out, { recursive: true, force: true }));
    execFileSync(process.execPath, ["--import", "tsx", "scripts/generate-admin-units.ts", join(DATA, "admin-units"), out], { cwd: ROOT });
    for (const file of FILES)
      expect(readFileSync(join(out, file), "utf8") === readFileSync(join(GENERATED, file), "utf8"), file).toBe(true);
  });
});
