import { expect, test } from "vitest";
import { createProject } from "./project.ts";
import { QUOTES } from "./quotes.ts";

test("settings says each value and where it came from, the nearer source winning", async () => {
  const project = createProject({ ...QUOTES, ".env": "BATCH_MAX_BYTES=5\nHTTP_PROXY=http://user:secret@proxy:1\n" });
  const { code, stdout } = await project.run(["settings", "--json", "--spider", "quotes_spider", "-s", "LOG_LEVEL=warn"], {
    env: { LOG_FORMAT: "json", LOG_LEVEL: "debug" },
  });
  expect(code).toBe(0);
  const settings = JSON.parse(stdout) as Record<string, { value: unknown; origin: string; description: string }>;
  expect(settings["LOG_LEVEL"]).toMatchObject({ value: "warn", origin: "command line" });
  expect(settings["LOG_FORMAT"]).toMatchObject({ value: "json", origin: "environment" });
  expect(settings["BATCH_MAX_BYTES"]).toMatchObject({ value: 5, origin: ".env" });
  expect(settings["BATCH_SIZE"]).toMatchObject({ value: 7, origin: "spider" });
  expect(settings["DOWNLOAD_DELAY"]).toMatchObject({ value: 0, origin: "settings.ts" });
  expect(settings["RETRY_TIMES"]).toMatchObject({ value: 3, origin: "default" });
  expect(settings["QUOTES_URL"]).toEqual({ value: "http://quotes.test/", origin: "default", description: "Where the quotes are" });
  expect(stdout).not.toContain("secret@");
});

test("settings NAME shows those whose names contain it, in 80 columns and without secrets", async () => {
  const project = createProject(QUOTES);
  const { stdout } = await project.run(["settings", "proxy"], { env: { HTTP_PROXY: "http://user:secret@proxy:1" } });
  expect(stdout).toMatch(/^HTTP_PROXY = \(hidden\) +environment\n {4}Proxy for all requests/);
  const all = await project.arachne("settings");
  expect(all.stdout.split("\n").filter((line) => Array.from(line).length > 80)).toEqual([]);
  expect(all.stdout).toContain("HTTP_PROXY = (not set)");
});

test("settings --markdown is the reference table, whatever is set on this machine", async () => {
  const project = createProject(QUOTES);
  const { stdout } = await project.run(["settings", "--markdown", "-s", "BATCH_SIZE=3"], { env: { LOG_LEVEL: "debug" } });
  expect(stdout).toContain("| `BATCH_SIZE` | `1000` | Items in a batch file |");
  expect(stdout).toContain("| `BATCH_FILE_FORMAT` | `json` | Format of batch files (json, jsonl, csv, parquet) |");
  expect(stdout).toContain("| `LOG_LEVEL` | `info` |");
  expect(stdout).toContain("| `QUOTES_URL` | `http://quotes.test/` |");
  expect(stdout).toMatch(/`HTTP_PROXY` \| {2}\| .*Secret/);
});

test("wrong settings are one clear line and exit code 2", async () => {
  const project = createProject(QUOTES);
  const unknown = await project.arachne("settings", "-s", "BATCHSIZE=3");
  expect(unknown).toMatchObject({ code: 2, stdout: "" });
  expect(unknown.stderr).toBe("error BATCHSIZE (from command line) is not a setting. Did you mean BATCH_SIZE?\n");
  const invalid = await project.arachne("settings", "-s", "BATCH_FILE_FORMAT=xml");
  expect(invalid.code).toBe(2);
  expect(invalid.stderr).toMatch(
    /^error BATCH_FILE_FORMAT="xml" \(from command line\) is not valid: allowed: json, jsonl, csv, parquet\n$/,
  );
  const none = await project.arachne("settings", "BATCH_SIZZE");
  expect(none.code).toBe(2);
  expect(none.stderr).toMatch(/^error settings: no name contains "BATCH_SIZZE"\. Did you mean BATCH_SIZE\?\n$/);
});
