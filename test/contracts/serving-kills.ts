import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Serving } from "../../src/core/serving.ts";
import { ROWS, serveRun } from "./serving-run.ts";

export interface KillableStore {
  /** Arguments of serving-killed.ts. */
  store: "embedded" | "elasticsearch";
  place: string;
  alias: string;
  /** With one former version kept. */
  open(): Promise<Serving>;
  /** The numbers in the rows behind a name, each once, with how often. @throws when there is no such name */
  numbers(alias: string): Promise<Record<string, number>>;
  /** Tables or indices that there are of an alias, whoever sees them. */
  versions(alias: string): Promise<readonly string[]>;
}

/** Kills a run at each step of its publication: readers see all of the former run, or all of the new one, and the next run mends it. */
export function servingKills(create: () => KillableStore): void {
  const published = ["serving_after_swap", "serving_after_prune"];

  test.each(["serving_table_built", "serving_table_built:2", "serving_before_swap", ...published])("killed at %s", async (point) => {
    const s = create();
    const run = async (n: number): Promise<void> => {
      await using serving = await s.open();
      await serveRun(serving, s.alias, n);
    };
    for (const n of [1, 2]) await run(n);
    expect(await killed([s.store, s.place, s.alias, "3"], point)).toBe("SIGKILL");
    const seen = published.includes(point) ? 3 : 2;
    for (const table of ["a", "b"]) expect(await s.numbers(`${s.alias}_${table}`)).toEqual({ [seen]: ROWS });

    await run(4);
    for (const table of ["a", "b", "slices", "documents"]) expect(await s.numbers(`${s.alias}_${table}`)).toEqual({ 4: ROWS });
    for (const table of ["a", "b"]) expect(await s.versions(`${s.alias}_${table}`)).toHaveLength(2);
  });
}

function killed(args: readonly string[], failpoint: string): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", join(import.meta.dirname, "serving-killed.ts"), ...args], {
      env: { ...process.env, ARACHNE_FAILPOINT: failpoint },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    child.on("error", reject);
    child.on("close", (code, signal) => (code === 0 || signal !== null ? resolve(signal) : reject(new Error(errors))));
  });
}
