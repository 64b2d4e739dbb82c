import { expect, test } from "vitest";
import { ArachneError, describeError } from "../../src/core/errors.ts";

const told = (message: string, cause: string): string => describeError(new ArachneError("x", message, { cause: new Error(cause) }));

test("a cause stands behind what it caused", () => {
  expect(told("output: cannot write a", "ENOSPC: no space\nleft")).toBe("output: cannot write a: ENOSPC: no space left");
  expect(told("spark: h went away: run again", "14 UNAVAILABLE: read ECONNRESET")).toBe(
    "spark: h went away: run again: 14 UNAVAILABLE: read ECONNRESET",
  );
});

test.each([
  [
    "spark: cannot reach h:1 (connect ECONNREFUSED 127.0.0.1:1): start it",
    "14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note: ",
  ],
  [
    "spark: [TABLE_OR_VIEW_NOT_FOUND] The table or view `a` cannot be found. Verify the spelling. SQLSTATE: 42P01",
    "13 INTERNAL: [TABLE_OR_VIEW_NOT_FOUND] The table or view `a` cannot…",
  ],
  ["spark: h refuses us (Invalid token): check SPARK_REMOTE", "16 UNAUTHENTICATED: Invalid token"],
  ["output: cannot write a: disk full", "disk full"],
])("a cause that has been said is not said again: %s", (message, cause) => {
  expect(told(message, cause)).toBe(message);
});

test("what a cause says is told once, whatever white space it ends with and whichever part stands before it", () => {
  const cause = new ArachneError("query_failed", "duckdb: bad JSON at byte 25", { cause: new Error("bad JSON\n at byte 25\n") });
  expect(describeError(new ArachneError("x", "batch: a.json cannot be read (bad JSON at byte 25): put it back", { cause }))).toBe(
    "batch: a.json cannot be read (bad JSON at byte 25): put it back",
  );
  expect(describeError(cause)).toBe("duckdb: bad JSON at byte 25");
});
